import { documentStoreContract } from '@paid-community/shared/platform/testing/contracts/document-store.contract.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { gcpHarness } from './gcp-harness.ts';
import { sharedEmulator } from '../emulators/shared-emulators.ts';

withEmulators(['cloud-firestore-emulator'], () => {
  const firestore = sharedEmulator('firestore');
  documentStoreContract(gcpHarness(() => ({ firestore: firestore() })));
});
