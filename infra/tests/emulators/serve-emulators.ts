import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GoogleEmulator } from '../../run/emulators/google-emulator.ts';
import { openGoogleEmulator, type EmulatorName } from '../../run/emulators/google-emulators.ts';

const started = new Map<EmulatorName, Promise<GoogleEmulator>>();
const server = createServer((request, response) => {
  const name = request.url === '/firestore' ? 'firestore' : 'pubsub';
  const emulator = started.get(name) ?? start(name);
  started.set(name, emulator);
  emulator.then(
    ({ host }) => response.end(host),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});

async function start(name: EmulatorName): Promise<GoogleEmulator> {
  const emulator = await openGoogleEmulator(name);
  await emulator.ready;
  // The first call loads most of the Java classes: up to three seconds, which no test should have to wait for.
  const { method, path, body } = firstCalls[name];
  await fetch(`http://${emulator.host}/v1/projects/warm-up/${path}`, { method, body });
  return emulator;
}

const firstCalls = {
  firestore: { method: 'POST', path: 'databases/(default)/documents:commit', body: '{"writes":[]}' },
  pubsub: { method: 'PUT', path: 'topics/warm-up', body: '{}' },
} as const;

/**
 * Before all tests, in jest's main process: one emulator of each kind for all test files, since each start costs
 * seconds of Java. `GET /firestore` and `GET /pubsub` answer with the host; the first caller waits for the start.
 */
export async function serveEmulators(): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The workers of jest inherit it.
  process.env['SHARED_EMULATORS_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** After all tests. */
export async function stopEmulators(): Promise<void> {
  server.close();
  server.closeAllConnections();
  for (const emulator of await Promise.allSettled(started.values()))
    if (emulator.status === 'fulfilled') await emulator.value.stop();
  started.clear();
}
