import { taskQueueContract } from '../../testing/contracts/task-queue.contract.ts';
import { embeddedHarness } from './testing-support.ts';

taskQueueContract(embeddedHarness);
