import { documentStoreContract } from '@paid-community/shared/platform/testing/contracts/document-store.contract.ts';
import { withEmulators } from './emulators.ts';
import { gcpHarness } from './gcp-harness.ts';
import { runningEmulator } from './running-emulator.ts';

withEmulators(['cloud-firestore-emulator'], () => {
  const firestore = runningEmulator('firestore');
  documentStoreContract(gcpHarness(() => ({ firestore: firestore() })));
});
