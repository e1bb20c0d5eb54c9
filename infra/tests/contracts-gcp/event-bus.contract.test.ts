import { eventBusContract } from '@paid-community/shared/platform/testing/contracts/event-bus.contract.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { gcpHarness } from './gcp-harness.ts';
import { sharedEmulator } from '../emulators/shared-emulators.ts';

withEmulators(['pubsub-emulator'], () => {
  const pubSub = sharedEmulator('pubsub');
  eventBusContract(gcpHarness(() => ({ pubSub: pubSub() })));
});
