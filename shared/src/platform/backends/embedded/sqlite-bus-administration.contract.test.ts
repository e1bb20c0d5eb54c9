import { busAdministrationContract } from '../../testing/contracts/bus-administration.contract.ts';
import { embeddedHarness } from './testing/embedded-for-test.ts';

busAdministrationContract(embeddedHarness);
