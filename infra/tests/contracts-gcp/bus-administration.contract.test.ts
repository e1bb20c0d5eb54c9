import { busAdministrationContract } from '@paid-community/shared/platform/testing/contracts/bus-administration.contract.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { gcpHarness } from './gcp-harness.ts';
import { sharedEmulator } from '../emulators/shared-emulators.ts';

withEmulators(['pubsub-emulator'], () => {
  const pubSub = sharedEmulator('pubsub');
  busAdministrationContract(gcpHarness(() => ({ pubSub: pubSub() })));
});
