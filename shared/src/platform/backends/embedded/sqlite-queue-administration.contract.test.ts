import { queueAdministrationContract } from '../../testing/contracts/queue-administration.contract.ts';
import { embeddedHarness } from './testing-support.ts';

queueAdministrationContract(embeddedHarness);
