import { afterAll, beforeAll } from '@jest/globals';
import { freePort } from '../../run/free-port.ts';
import { startGoogleEmulator, type GoogleEmulator } from '../../run/emulators/google-emulator.ts';

const START_TIMEOUT_MS = 180_000;

/**
 * Starts one of Google's emulators for the tests of this file, and ends it after them. Returns its host, once it is
 * there.
 */
export function runningEmulator(name: 'firestore' | 'pubsub'): () => string {
  let emulator: GoogleEmulator | undefined;
  beforeAll(async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const beta = name === 'pubsub' ? ['beta'] : [];
    emulator = startGoogleEmulator(
      name,
      [...beta, 'emulators', name, 'start', `--host-port=${host}`, '--project=contract-tests'],
      host,
    );
    await emulator.ready;
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await emulator?.stop();
  });
  return () => {
    if (emulator === undefined) throw new Error(`The ${name} emulator was not started`);
    return emulator.host;
  };
}
