import { describe, expect, test } from '@jest/globals';
import { AlreadyExistsError, InvalidArgumentError, PermanentError } from '../../ports/errors.ts';
import { InvalidCursorError } from '../../validation/cursor.ts';
import type { Backend } from '../../backends/backend.ts';
import type { RetainedMessage, RetainedQuery } from '../../ports/bus-administration.ts';
import type { ReceivedMessage } from '../../ports/event-bus.ts';
import type { Subscription, Topic, Topology } from '../../ports/topology-types.ts';
import { eventually } from '../eventually.ts';
import { freshSuffix, staysTrue, withBackend, type ContractHarness } from './harness.ts';

// What every BusAdministration must do (ports/bus-administration.ts). It cannot prove the figures of Cloud Monitoring,
// which no emulator has, how long Pub/Sub takes for a seek, or that a snapshot lives as long as it says.

const WATCH_MS = 1_500;
const SLOW_TEST_MS = 60_000;

interface AdministrationTopology extends Topology {
  readonly topic: Topic;
  readonly other: Topic;
  readonly subscription: Subscription;
  readonly otherSubscription: Subscription;
}

function administrationTopology(): AdministrationTopology {
  const suffix = freshSuffix();
  const week = 7 * 24 * 3_600;
  const topic: Topic = {
    name: `orders-${suffix}`,
    retentionSeconds: week,
    archiveSubscription: `archive-orders-${suffix}`,
  };
  const other: Topic = {
    name: `others-${suffix}`,
    retentionSeconds: week,
    archiveSubscription: `archive-others-${suffix}`,
  };
  const policy = {
    service: 'link-worker',
    ackDeadlineSeconds: 10,
    minBackoffSeconds: 1,
    maxBackoffSeconds: 1,
    maxConcurrency: 10,
  } as const;
  const subscription: Subscription = { name: `orders-${suffix}`, topic, ...policy };
  const otherSubscription: Subscription = { name: `others-${suffix}`, topic: other, ...policy };
  const topics = [topic, other];
  return {
    topics,
    subscriptions: [subscription, otherSubscription],
    queues: [],
    collections: [],
    topic,
    other,
    subscription,
    otherSubscription,
  };
}

/** Delivers to an array; `refuse` says which messages to hand back. */
function listen(
  backend: Backend,
  subscription: Subscription,
  refuse: (message: ReceivedMessage) => boolean = () => false,
): ReceivedMessage[] {
  const received: ReceivedMessage[] = [];
  backend.deliverTo({
    subscriptions: [
      {
        subscription,
        handle: (message) => {
          if (refuse(message)) return Promise.reject(new Error('not now'));
          received.push(message);
          return Promise.resolve();
        },
      },
    ],
    tasks: [],
  });
  return received;
}

async function publish(backend: Backend, topic: Topic, ...texts: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const data of texts)
    ids.push(await backend.eventBus.publish(topic, { data, attributes: { id: `event ${data}` } }));
  return ids;
}

async function readAll(
  backend: Backend,
  query: Omit<RetainedQuery, 'limit' | 'until'> & Partial<RetainedQuery>,
): Promise<RetainedMessage[]> {
  const messages: RetainedMessage[] = [];
  let cursor: string | undefined;
  do {
    const page = await backend.administration.bus.readRetained({
      limit: 100,
      until: new Date(Date.now() + 60_000),
      ...query,
      cursor,
    });
    messages.push(...page.messages);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return messages;
}

function texts(messages: readonly { readonly data: string }[]): string[] {
  return [...new Set(messages.map(({ data }) => data))].sort();
}

const HOUR_AGO = (): Date => new Date(Date.now() - 3_600_000);

export function busAdministrationContract(harness: ContractHarness): void {
  describe(`bus administration on ${harness.name}`, () => {
    test(
      'what is retained can be read, acknowledged or not, as it was published, and nobody is delivered it for that',
      async () => {
        await withBackend(harness, administrationTopology(), async (backend, { topic, other, subscription }) => {
          const received = listen(backend, subscription, ({ data }) => data === 'refused');
          const [id] = await publish(backend, topic, 'taken', 'refused');
          await publish(backend, other, 'elsewhere');
          await eventually(() => expect(texts(received)).toEqual(['taken']));
          const messages = await readAll(backend, { topic, from: HOUR_AGO() });
          expect(texts(messages)).toEqual(['refused', 'taken']);
          const taken = messages.find(({ data }) => data === 'taken');
          expect(taken).toEqual({
            messageId: id,
            publishTime: received[0]?.publishTime,
            data: 'taken',
            attributes: { id: 'event taken' },
          });
          expect(await staysTrue(() => received.length === 1, WATCH_MS)).toBe(true);
          // Once more, from the beginning.
          expect(texts(await readAll(backend, { topic, from: HOUR_AGO() }))).toEqual(['refused', 'taken']);
        });
      },
      SLOW_TEST_MS,
    );

    test(
      'a reading goes from one time to another, in pages',
      async () => {
        await withBackend(harness, administrationTopology(), async (backend, { topic }) => {
          await publish(backend, topic, 'early');
          await staysTrue(() => true, 1_100);
          await publish(backend, topic, 'a', 'b', 'c', 'd', 'e');
          await staysTrue(() => true, 1_100);
          await publish(backend, topic, 'late');
          const all = await readAll(backend, { topic, from: HOUR_AGO(), limit: 1_000 });
          const timeOf = (text: string): number =>
            all.find(({ data }) => data === text)?.publishTime.getTime() ?? Number.NaN;
          const range = { topic, from: new Date(timeOf('a') - 500), until: new Date(timeOf('late') - 500) };
          expect(texts(await readAll(backend, { ...range, limit: 2 }))).toEqual(['a', 'b', 'c', 'd', 'e']);
          const first = await backend.administration.bus.readRetained({ ...range, limit: 2 });
          expect(first.messages.length).toBeLessThanOrEqual(2);
          expect(first.nextCursor).toBeDefined();
        });
      },
      SLOW_TEST_MS,
    );

    test(
      'a snapshot holds what was not acknowledged then, and what came afterwards',
      async () => {
        await withBackend(harness, administrationTopology(), async (backend, { topic, subscription }) => {
          const { bus } = backend.administration;
          let refused = 'waiting';
          const received = listen(backend, subscription, ({ data }) => data === refused);
          await publish(backend, topic, 'done', 'waiting');
          await eventually(() => expect(texts(received)).toEqual(['done']));
          // The emulator answers a push some moments before it counts it.
          await staysTrue(() => true, 500);
          const name = `snapshot-${freshSuffix()}`;
          const snapshot = await bus.createSnapshot(name, subscription);
          expect(snapshot).toMatchObject({ name, topic: topic.name });
          expect(snapshot.expiresAt.getTime()).toBeGreaterThan(Date.now() + 24 * 3_600_000);
          refused = '';
          await publish(backend, topic, 'after');
          await eventually(() => expect(texts(received)).toEqual(['after', 'done', 'waiting']));
          expect(texts(await readAll(backend, { topic, from: { snapshot: name } }))).toEqual(['after', 'waiting']);

          const before = received.length;
          await bus.seekToSnapshot(subscription, name);
          await eventually(() => expect(texts(received.slice(before))).toEqual(['after', 'waiting']));
          expect(await staysTrue(() => !texts(received.slice(before)).includes('done'), WATCH_MS)).toBe(true);
        });
      },
      SLOW_TEST_MS,
    );

    test('snapshots are listed, deleted, and a name is given once', async () => {
      await withBackend(
        harness,
        administrationTopology(),
        async (backend, { topic, subscription, otherSubscription }) => {
          const { bus } = backend.administration;
          const first = `a-${freshSuffix()}`;
          const second = `b-${freshSuffix()}`;
          const made = [await bus.createSnapshot(first, subscription), await bus.createSnapshot(second, subscription)];
          await expect(bus.createSnapshot(first, subscription)).rejects.toBeInstanceOf(AlreadyExistsError);
          expect(await bus.listSnapshots()).toEqual(made);
          await bus.deleteSnapshot(first);
          await bus.deleteSnapshot(first);
          expect(await bus.listSnapshots()).toEqual(made.slice(1));
          await expect(bus.seekToSnapshot(subscription, first)).rejects.toMatchObject({
            name: 'NotFoundError',
            code: 'unknown_snapshot',
          });
          await expect(bus.seekToSnapshot(otherSubscription, second)).rejects.toMatchObject({
            name: 'NotFoundError',
            code: 'unknown_snapshot',
          });
          await expect(readAll(backend, { topic, from: { snapshot: first } })).rejects.toMatchObject({
            name: 'NotFoundError',
            code: 'unknown_snapshot',
          });
          for (const name of ['', 'ab', '1abc', 'with space', 'a/b', 'google', 'x'.repeat(200)]) {
            await expect(bus.createSnapshot(name, subscription)).rejects.toBeInstanceOf(InvalidArgumentError);
          }
          await bus.deleteSnapshot(second);
        },
      );
    });

    test('a backlog is counted, or nobody knows', async () => {
      await withBackend(harness, administrationTopology(), async (backend, { topic, subscription }) => {
        const { bus } = backend.administration;
        const empty = await bus.backlog(subscription);
        if (empty !== undefined) expect(empty).toEqual({ undelivered: 0, oldestPublishTime: undefined });
        await publish(backend, topic, 'a', 'b');
        const [oldest] = await readAll(backend, { topic, from: HOUR_AGO() });
        const backlog = await bus.backlog(subscription);
        if (backlog !== undefined) expect(backlog).toEqual({ undelivered: 2, oldestPublishTime: oldest?.publishTime });
        listen(backend, subscription);
        if (backlog !== undefined) await eventually(async () => expect(await bus.backlog(subscription)).toEqual(empty));
      });
    });

    test('a retained message is removed for good, or the engine says that it cannot', async () => {
      await withBackend(harness, administrationTopology(), async (backend, { topic, other, subscription }) => {
        const { bus } = backend.administration;
        const [gone] = await publish(backend, topic, 'gone', 'kept');
        const ids = [gone ?? '', 'no-message'];
        expect([0, undefined]).toContain(await bus.removeRetained(other, ids));
        const removed = await bus.removeRetained(topic, ids);
        const received = listen(backend, subscription);
        await eventually(() => expect(texts(received)).toContain('kept'));
        if (removed === undefined) return;
        expect(removed).toBe(1);
        expect(texts(await readAll(backend, { topic, from: HOUR_AGO() }))).toEqual(['kept']);
        expect(await staysTrue(() => texts(received).join() === 'kept', WATCH_MS)).toBe(true);
      });
    });

    test('a page outside the limits and a cursor of nobody are refused', async () => {
      await withBackend(harness, administrationTopology(), async (backend, { topic }) => {
        const { bus } = backend.administration;
        const query = { topic, from: HOUR_AGO(), until: new Date(), limit: 10 };
        for (const limit of [0, 1.5, 1_001])
          await expect(bus.readRetained({ ...query, limit })).rejects.toBeInstanceOf(PermanentError);
        await expect(bus.readRetained({ ...query, cursor: 'x' })).rejects.toBeInstanceOf(InvalidCursorError);
      });
    });
  });
}
