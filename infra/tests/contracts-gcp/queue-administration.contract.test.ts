import { queueAdministrationContract } from '@paid-community/shared/platform/testing/contracts/queue-administration.contract.ts';
import { gcpHarness } from './gcp-harness.ts';

queueAdministrationContract(gcpHarness(() => ({})));
