import { busAdministrationContract } from '@paid-community/shared/platform/testing/contracts/bus-administration.contract.ts';
import { withEmulators } from './emulators.ts';
import { gcpHarness } from './gcp-harness.ts';
import { runningEmulator } from './running-emulator.ts';

withEmulators(['pubsub-emulator'], () => {
  const pubSub = runningEmulator('pubsub');
  busAdministrationContract(gcpHarness(() => ({ pubSub: pubSub() })));
});
