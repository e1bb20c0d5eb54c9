import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CloudTasksQueue } from '@paid-community/shared/platform/backends/gcp/cloud-tasks-queue.ts';
import { createPubSubTopology } from '@paid-community/shared/platform/backends/gcp/create-pubsub-topology.ts';
import { FirestoreDocumentStore } from '@paid-community/shared/platform/backends/gcp/firestore-document-store.ts';
import { PubSubEventBus } from '@paid-community/shared/platform/backends/gcp/pubsub-event-bus.ts';
import { chatMigrations } from '@paid-community/shared/model/communities/chat-migration.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { purchasesForLinkWorker, topology } from '@paid-community/shared/topology.ts';
import { queueOptionsOf } from '../../run/cloud-tasks-emulator/queue-settings.ts';
import { startCloudTasksEmulator } from '../../run/cloud-tasks-emulator/start-cloud-tasks-emulator.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { sharedEmulator } from '../emulators/shared-emulators.ts';

const PLACE = { project: 'silent-connections', location: 'asia-south1' };
const projectId = PLACE.project;

/** What a user waits for at the most, with the time of the one call that finds out. */
const HEALED_MS = 15_000;

/**
 * Carries bytes to a server, until its connections are made to go silent: they stay open, and nothing gets through. New
 * ones work.
 */
class SilencingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #silenced = new Set<readonly [Socket, Socket]>();

  constructor(target: string) {
    const [host = '', port = ''] = target.split(':');
    this.#server = createServer((client) => {
      const server = connect(Number(port), host);
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      }
      const pair = [client, server] as const;
      this.#pairs.add(pair);
      client.on('close', () => this.#pairs.delete(pair));
      client.pipe(server).pipe(client);
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
  }

  silence(): void {
    for (const pair of this.#pairs) {
      this.#silenced.add(pair);
      for (const socket of pair) socket.unpipe().pause();
    }
  }

  /** What was held up goes on. */
  speakAgain(): void {
    for (const [client, server] of this.#silenced) client.pipe(server).pipe(client);
  }

  /** Connections that were silenced and are open still. */
  get silenced(): number {
    return [...this.#silenced].filter((pair) => this.#pairs.has(pair)).length;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

withEmulators(['pubsub-emulator', 'cloud-firestore-emulator'], () => {
  const pubSub = sharedEmulator('pubsub');
  const firestore = sharedEmulator('firestore');
  const closing: (() => Promise<unknown>)[] = [];
  const proxies: SilencingProxy[] = [];
  let calls: Readonly<Record<string, () => Promise<unknown>>>;

  async function throughProxy(target: string): Promise<string> {
    const proxy = new SilencingProxy(target);
    proxies.push(proxy);
    return proxy.listen();
  }

  beforeAll(async () => {
    await createPubSubTopology({ projectId, emulatorHost: pubSub() }, topology, () => undefined);
    const tasks = await startCloudTasksEmulator({
      queues: topology.queues.map((queue) => queueOptionsOf(queue, PLACE)),
    });
    const bus = new PubSubEventBus({ projectId, emulatorHost: await throughProxy(pubSub()) });
    const store = new FirestoreDocumentStore(
      { projectId, emulatorHost: await throughProxy(firestore()) },
      topology,
      systemClock,
    );
    const queue = new CloudTasksQueue(
      {
        projectId,
        emulatorHost: await throughProxy(tasks.host),
        location: PLACE.location,
        queueId: ({ name }) => name,
        targetUrl: () => 'http://127.0.0.1:9',
        serviceAccount: undefined,
      },
      systemClock,
    );
    closing.push(
      () => bus.close(),
      () => store.close(),
      () => queue.close(),
      () => tasks.close(),
      ...proxies.map((proxy) => () => proxy.close()),
    );
    let made = 0;
    calls = {
      publish: () => bus.publish(purchaseEvents, { data: 'x', attributes: {} }),
      seek: () => bus.seek(purchasesForLinkWorker, new Date()),
      read: () => store.get(chatMigrations, 'x'),
      commit: () =>
        store.commit([
          createDocument(chatMigrations, `made-${(made += 1)}`, {
            chatId: '-1',
            migratedAt: '2026-01-01T00:00:00.000Z',
          }),
        ]),
      enqueue: () =>
        queue.enqueue(inviteQueue, {
          name: `task-${(made += 1)}`,
          payload: '{}',
          notBefore: new Date(systemClock.now() + 3_600_000),
        }),
    };
  });

  afterAll(async () => {
    for (const close of closing) await close();
  });

  test('slow: calls succeed again within 15 s when every connection has gone silent, without a restart', async () => {
    await Promise.all(Object.values(calls).map((call) => call()));
    for (const proxy of proxies) proxy.silence();
    expect(Math.min(...proxies.map(({ silenced }) => silenced))).toBeGreaterThan(0);
    const outcomes = await Promise.all(
      Object.entries(calls).map(async ([name, call]) => {
        const startedAt = performance.now();
        let failures = 0;
        await eventually(() => call().catch((error: unknown) => ((failures += 1), Promise.reject(error as Error))), {
          timeoutMs: HEALED_MS,
        });
        return { name, healed: performance.now() - startedAt < HEALED_MS, failed: failures > 0 };
      }),
    );
    // Each of them did meet a dead connection, or the test would show nothing.
    expect(outcomes).toEqual(Object.keys(calls).map((name) => ({ name, healed: true, failed: true })));
    // The replaced clients let go of their connections when the calls that the SDK repeats in the background have
    // ended.
    for (const proxy of proxies) proxy.speakAgain();
    await eventually(() => proxies.every(({ silenced }) => silenced === 0));
  });
});
