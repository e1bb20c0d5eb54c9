import { takeLinkContract } from '@paid-community/link-worker/pool/testing/take-link.contract.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { gcpHarness } from './gcp-harness.ts';
import { sharedEmulator } from '../emulators/shared-emulators.ts';

withEmulators(['cloud-firestore-emulator'], () => {
  const firestore = sharedEmulator('firestore');
  takeLinkContract(gcpHarness(() => ({ firestore: firestore() })));
});
