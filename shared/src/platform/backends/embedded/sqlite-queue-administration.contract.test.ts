import { queueAdministrationContract } from '../../testing/contracts/queue-administration.contract.ts';
import { embeddedHarness } from './testing/embedded-for-test.ts';

queueAdministrationContract(embeddedHarness);
