import { beforeAll } from '@jest/globals';
import type { EmulatorName } from '../../run/emulators/google-emulators.ts';
import { withCloudTasks, type Emulators, type StartEmulatorsOptions } from '../../run/emulators/start-emulators.ts';

/**
 * One of Google's emulators, which all test files share: a test uses a project or names of its own. Returns its host,
 * once it is there.
 */
export function sharedEmulator(name: EmulatorName): () => string {
  let host: string | undefined;
  beforeAll(async () => {
    host = await hostOf(name);
  });
  return () => {
    if (host === undefined) throw new Error(`The ${name} emulator was not started`);
    return host;
  };
}

/** Both of them, and a Cloud Tasks test server of this file, which `stop` closes. */
export async function sharedEmulators(options: StartEmulatorsOptions = {}): Promise<Emulators> {
  const [firestoreHost, pubsubHost] = await Promise.all([hostOf('firestore'), hostOf('pubsub')]);
  return withCloudTasks({ firestoreHost, pubsubHost }, options);
}

async function hostOf(name: EmulatorName): Promise<string> {
  const response = await fetch(`${process.env['SHARED_EMULATORS_URL'] ?? ''}/${name}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
