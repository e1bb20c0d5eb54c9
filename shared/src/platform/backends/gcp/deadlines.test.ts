import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RetryableError } from '../../ports/errors.ts';
import { systemClock } from '../../lifecycle/system-clock.ts';
import { createDocument } from '../../ports/document-store.ts';
import { inviteLinks } from '../../../model/links/invite-link.ts';
import { inviteQueue } from '../../../model/queues.ts';
import { purchaseEvents } from '../../../model/topics.ts';
import { purchasesForLinkWorker, topology } from '../../../topology.ts';
import { LONGEST_CALL_MS } from './call-limits.ts';
import { CloudTasksQueue } from './cloud-tasks-queue.ts';
import { FirestoreDocumentStore } from './firestore-document-store.ts';
import { PubSubEventBus } from './pubsub-event-bus.ts';

const link = {
  inviteLink: 'https://t.me/+x',
  requestId: 'r',
  userId: 'u',
  transactionId: '',
  createdAt: '2026-01-01T00:00:00.000Z',
};

/** Of the clients around a call: importing them, on a machine that is busy with other tests. */
const START_MS = 5_000;

function openAll(host: string): {
  readonly calls: () => Readonly<Record<string, Promise<unknown>>>;
  readonly close: () => Promise<void>;
} {
  const projectId = 'deadlines';
  const bus = new PubSubEventBus({ projectId, emulatorHost: host });
  const store = new FirestoreDocumentStore({ projectId, emulatorHost: host }, topology, systemClock);
  const tasks = {
    projectId,
    emulatorHost: host,
    location: 'l',
    queueId: () => 'q',
    targetUrl: () => 'http://127.0.0.1:1',
    serviceAccount: undefined,
  };
  const queue = new CloudTasksQueue(tasks, systemClock);
  return {
    calls: () => ({
      publish: bus.publish(purchaseEvents, { data: '', attributes: {} }),
      seek: bus.seek(purchasesForLinkWorker, new Date()),
      'bus ready': bus.checkReady(),
      commit: store.commit([createDocument(inviteLinks, 'a', link)]),
      enqueue: queue.enqueue(inviteQueue, { name: 'n', payload: '' }),
    }),
    close: async () => {
      await Promise.all([bus.close(), store.close(), queue.close()]);
    },
  };
}

describe('every call to Google has an end', () => {
  let server: Server;
  const sockets = new Set<Socket>();

  beforeEach(async () => {
    // Takes connections and says nothing, as a network that lost its way.
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    server.close();
  });

  function host(): string {
    const address = server.address();
    return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
  }

  test.each(['silent', 'gone'])('slow: with a server that is %s, each is a RetryableError in time', async (what) => {
    const place = host();
    if (what === 'gone') {
      server.close();
      await once(server, 'close');
    }
    const opened = openAll(place);
    const startedAt = performance.now();
    const results = await Promise.all(
      Object.entries(opened.calls()).map(async ([name, call]) => {
        const outcome: unknown = await call.then(
          () => 'resolved',
          (error: unknown) => error,
        );
        return {
          name,
          isRetryable: outcome instanceof RetryableError,
          inTime: performance.now() - startedAt < LONGEST_CALL_MS + START_MS,
        };
      }),
    );
    for (const result of results) expect(result).toEqual({ name: result.name, isRetryable: true, inTime: true });
    await opened.close();
  });
});
