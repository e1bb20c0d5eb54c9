import { busAdministrationContract } from '../../testing/contracts/bus-administration.contract.ts';
import { embeddedHarness } from './testing-support.ts';

busAdministrationContract(embeddedHarness);
