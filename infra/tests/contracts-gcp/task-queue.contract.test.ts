import { taskQueueContract } from '@paid-community/shared/platform/testing/contracts/task-queue.contract.ts';
import { gcpHarness } from './gcp-harness.ts';

// Google has no emulator of Cloud Tasks; ours runs in this process, so there is nothing that could be absent.
taskQueueContract(gcpHarness(() => ({})));
