import { taskQueueContract } from '../../testing/contracts/task-queue.contract.ts';
import { embeddedHarness } from './testing/embedded-for-test.ts';

taskQueueContract(embeddedHarness);
