import { queueAdministrationContract } from '@paid-community/shared/testing/contracts/queue-administration.contract.ts';
import { gcpHarness } from './gcp-harness.ts';

queueAdministrationContract(gcpHarness(() => ({})));
