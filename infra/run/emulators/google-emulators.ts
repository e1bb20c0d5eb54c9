import { freePort } from '../free-port.ts';
import { startGoogleEmulator, type GoogleEmulator } from './google-emulator.ts';

export type EmulatorName = 'firestore' | 'pubsub';

/**
 * The Pub/Sub emulator has as many pushes under way as the machine has processors, over all subscriptions: with two of
 * them, two slow handlers would hold up everything else, as they do not with Pub/Sub itself.
 */
const MORE_PUSHES_AT_ONCE = {
  JAVA_TOOL_OPTIONS: `${process.env['JAVA_TOOL_OPTIONS'] ?? ''} -XX:ActiveProcessorCount=8`.trim(),
};

const emulators = {
  firestore: { title: 'Firestore', parameters: ['emulators', 'firestore', 'start'], environment: {} },
  pubsub: {
    title: 'Pub/Sub',
    parameters: ['beta', 'emulators', 'pubsub', 'start', '--project=emulators'],
    environment: MORE_PUSHES_AT_ONCE,
  },
} as const;

/** On a port of its own, in memory. It is there when `ready` resolves. */
export async function openGoogleEmulator(name: EmulatorName): Promise<GoogleEmulator> {
  const { title, parameters, environment } = emulators[name];
  const host = `127.0.0.1:${await freePort()}`;
  return startGoogleEmulator(title, [...parameters, `--host-port=${host}`], host, environment);
}
