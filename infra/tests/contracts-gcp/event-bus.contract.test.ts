import { eventBusContract } from '@paid-community/shared/platform/testing/contracts/event-bus.contract.ts';
import { withEmulators } from './emulators.ts';
import { gcpHarness } from './gcp-harness.ts';
import { runningEmulator } from './running-emulator.ts';

withEmulators(['pubsub-emulator'], () => {
  const pubSub = runningEmulator('pubsub');
  eventBusContract(gcpHarness(() => ({ pubSub: pubSub() })));
});
