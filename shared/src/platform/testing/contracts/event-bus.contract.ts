import { describe, expect, test } from '@jest/globals';
import { deadLetterAttributes } from '../../delivery/dead-letter.ts';
import { PermanentError } from '../../ports/errors.ts';
import type { MessageHandler, ReceivedMessage } from '../../ports/event-bus.ts';
import type { Subscription, Topic, Topology } from '../../ports/topology-types.ts';
import { eventually } from '../eventually.ts';
import { crash, freshSuffix, gate, staysTrue, withBackend, type ContractHarness } from './harness.ts';

// What every EventBus must do (ports/event-bus.ts). It cannot prove durability against a loss of power, that duplicates
// never come (they may), delivery within a time, or behaviour at a scale that a test run does not reach.

const BACKOFF_SECONDS = 1;
/** Long enough for a redelivery that should not be. */
const WATCH_MS = (BACKOFF_SECONDS + 1) * 1_000;
const MAX_DELIVERY_ATTEMPTS = 5;
/** The least that Pub/Sub allows. */
const ACK_DEADLINE_SECONDS = 10;
const SLOW_TEST_MS = 180_000;

interface BusTopology extends Topology {
  readonly topic: Topic;
  readonly first: Subscription;
  readonly second: Subscription;
  readonly parked: Subscription;
}

function busTopology(): BusTopology {
  const suffix = freshSuffix();
  const topic: Topic = { name: `orders-${suffix}`, retentionSeconds: 3_600 };
  const deadLetterTopic: Topic = { name: `parked-${suffix}`, retentionSeconds: 3_600 };
  const policy = {
    service: 'link-worker',
    ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
    minBackoffSeconds: BACKOFF_SECONDS,
    maxBackoffSeconds: BACKOFF_SECONDS,
    maxConcurrency: 10,
  } as const;
  const deadLetter = { topic: deadLetterTopic, maxDeliveryAttempts: MAX_DELIVERY_ATTEMPTS };
  const first: Subscription = { name: `first-${suffix}`, topic, ...policy, deadLetter };
  const second: Subscription = { name: `second-${suffix}`, topic, ...policy };
  const parked: Subscription = { name: `parked-${suffix}`, topic: deadLetterTopic, ...policy };
  return {
    topics: [topic, deadLetterTopic],
    subscriptions: [first, second, parked],
    queues: [],
    collections: [],
    topic,
    first,
    second,
    parked,
  };
}

/** A handler that notes what it gets. */
function recorder(): { readonly received: ReceivedMessage[]; readonly handle: MessageHandler } {
  const received: ReceivedMessage[] = [];
  return {
    received,
    handle: (message) => {
      received.push(message);
      return Promise.resolve();
    },
  };
}

function dataOf(messages: readonly ReceivedMessage[]): string[] {
  return [...new Set(messages.map((message) => message.data))].sort();
}

export function eventBusContract(harness: ContractHarness): void {
  const crashTest = harness.canCrash ? test : test.skip;

  describe(`event bus on ${harness.name}`, () => {
    test('a message reaches every subscription of its topic, as it was published', async () => {
      await withBackend(harness, busTopology(), async (backend, { topic, first, second, parked }) => {
        const one = recorder();
        const two = recorder();
        const other = recorder();
        backend.deliverTo({
          subscriptions: [
            { subscription: first, handle: one.handle },
            { subscription: second, handle: two.handle },
            { subscription: parked, handle: other.handle },
          ],
          tasks: [],
        });
        const before = Date.now();
        const messageId = await backend.eventBus.publish(topic, { data: '{"n":1}', attributes: { type: 'Test' } });
        const message = await eventually(() => one.received[0] ?? false);
        if (message === false) throw new Error('unreachable');
        await eventually(() => two.received.length > 0);
        expect(message).toMatchObject({ messageId, data: '{"n":1}', attributes: { type: 'Test' } });
        expect(two.received[0]).toMatchObject({ messageId, data: '{"n":1}', attributes: { type: 'Test' } });
        expect([1, undefined]).toContain(message.deliveryAttempt);
        // The engine may live on a machine with another clock.
        expect(Math.abs(message.publishTime.getTime() - before)).toBeLessThan(60_000);
        expect(other.received).toEqual([]);
      });
    });

    test('a message published before anybody listens is delivered once somebody does', async () => {
      await withBackend(harness, busTopology(), async (backend, { topic, first }) => {
        await Promise.all(['a', 'b', 'c'].map((data) => backend.eventBus.publish(topic, { data, attributes: {} })));
        const { received, handle } = recorder();
        backend.deliverTo({ subscriptions: [{ subscription: first, handle }], tasks: [] });
        await eventually(() => expect(dataOf(received)).toEqual(['a', 'b', 'c']));
      });
    });

    test('an acknowledged message is not delivered again', async () => {
      await withBackend(harness, busTopology(), async (backend, { topic, first }) => {
        const { received, handle } = recorder();
        backend.deliverTo({ subscriptions: [{ subscription: first, handle }], tasks: [] });
        await backend.eventBus.publish(topic, { data: 'once', attributes: {} });
        await eventually(() => received.length > 0);
        expect(await staysTrue(() => received.length === 1, WATCH_MS)).toBe(true);
      });
    });

    test('a rejected message comes back after the backoff, until it is acknowledged', async () => {
      await withBackend(harness, busTopology(), async (backend, { topic, first }) => {
        const attempts: { readonly atMs: number; readonly message: ReceivedMessage }[] = [];
        backend.deliverTo({
          subscriptions: [
            {
              subscription: first,
              handle: (message) => {
                attempts.push({ atMs: performance.now(), message });
                return attempts.length < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve();
              },
            },
          ],
          tasks: [],
        });
        const messageId = await backend.eventBus.publish(topic, { data: 'again', attributes: { k: 'v' } });
        await eventually(() => attempts.length === 3);
        expect(await staysTrue(() => attempts.length === 3, WATCH_MS)).toBe(true);
        for (const { message } of attempts)
          expect(message).toMatchObject({ messageId, data: 'again', attributes: { k: 'v' } });
        for (const [index, { message }] of attempts.entries())
          expect([index + 1, undefined]).toContain(message.deliveryAttempt);
        const gaps = attempts.slice(1).map(({ atMs }, index) => atMs - (attempts[index]?.atMs ?? 0));
        // Engines may vary the wait a little; none may come back at once.
        for (const gap of gaps) expect(gap).toBeGreaterThan(BACKOFF_SECONDS * 500);
      });
    });

    test(
      'messages that are rejected together, several times, all come back',
      async () => {
        await withBackend(harness, busTopology(), async (backend, { topic, second }) => {
          const deliveries = new Map<string, number>();
          const acknowledged = new Set<string>();
          const handle = ({ data }: ReceivedMessage): Promise<void> => {
            const soFar = deliveries.get(data) ?? 0;
            deliveries.set(data, soFar + 1);
            if (soFar < 4) return Promise.reject(new Error('not yet'));
            acknowledged.add(data);
            return Promise.resolve();
          };
          backend.deliverTo({ subscriptions: [{ subscription: second, handle }], tasks: [] });
          const sent = ['a', 'b', 'c', 'd', 'e', 'f'];
          await Promise.all(sent.map((data) => backend.eventBus.publish(topic, { data, attributes: {} })));
          await eventually(() => expect([...acknowledged].sort()).toEqual(sent));
        });
      },
      SLOW_TEST_MS,
    );

    test('a handler that throws before it returns a promise counts as a rejection', async () => {
      await withBackend(harness, busTopology(), async (backend, { topic, first }) => {
        let calls = 0;
        const handle = (): Promise<void> => {
          calls += 1;
          if (calls === 1) throw new Error('thrown, not rejected');
          return Promise.resolve();
        };
        backend.deliverTo({ subscriptions: [{ subscription: first, handle }], tasks: [] });
        await backend.eventBus.publish(topic, { data: 'x', attributes: {} });
        await eventually(() => calls === 2);
      });
    });

    test('handlers of one subscription run at the same time', async () => {
      await withBackend(harness, busTopology(), async (backend, { topic, first }) => {
        const everybodyIsHere = gate();
        const present = new Set<string>();
        const handle: MessageHandler = (message) => {
          present.add(message.data);
          if (present.size === 4) everybodyIsHere.open();
          return everybodyIsHere.opened;
        };
        backend.deliverTo({ subscriptions: [{ subscription: first, handle }], tasks: [] });
        for (const data of ['a', 'b', 'c', 'd']) await backend.eventBus.publish(topic, { data, attributes: {} });
        // Would wait for ever if they ran one after the other.
        await eventually(() => present.size === 4, { timeoutMs: ACK_DEADLINE_SECONDS * 900 });
      });
    });

    test(
      'slow: a handler that outlasts the ack deadline counts as failed, and its late success changes nothing',
      async () => {
        await withBackend(harness, busTopology(), async (backend, { topic, first }) => {
          const secondCall = gate();
          const calls: number[] = [];
          const handle: MessageHandler = async () => {
            calls.push(performance.now());
            if (calls.length === 1) await secondCall.opened;
          };
          backend.deliverTo({ subscriptions: [{ subscription: first, handle }], tasks: [] });
          await backend.eventBus.publish(topic, { data: 'slow', attributes: {} });
          await eventually(() => calls.length >= 2);
          expect((calls[1] ?? 0) - (calls[0] ?? 0)).toBeGreaterThan(ACK_DEADLINE_SECONDS * 900);
          secondCall.open();
        });
      },
      SLOW_TEST_MS,
    );

    test(
      'slow: a message that always fails becomes a dead letter, and holds nobody up meanwhile',
      async () => {
        await withBackend(harness, busTopology(), async (backend, { topic, first, second, parked }) => {
          const good = recorder();
          const neighbour = recorder();
          const letters = recorder();
          let failures = 0;
          backend.deliverTo({
            subscriptions: [
              {
                subscription: first,
                handle: (message) => {
                  if (message.data !== 'poison') return good.handle(message);
                  failures += 1;
                  return Promise.reject(new PermanentError('bad_message', 'cannot be read'));
                },
              },
              { subscription: second, handle: neighbour.handle },
              { subscription: parked, handle: letters.handle },
            ],
            tasks: [],
          });
          await backend.eventBus.publish(topic, { data: 'poison', attributes: { type: 'Test' } });
          await eventually(() => failures > 0);
          for (let n = 0; n < 20; n += 1) await backend.eventBus.publish(topic, { data: `good-${n}`, attributes: {} });
          await eventually(() => expect(dataOf(good.received)).toHaveLength(20));
          expect(letters.received).toEqual([]);

          await eventually(() => letters.received.length > 0);
          const letter = letters.received[0];
          expect(letter?.data).toBe('poison');
          expect(letter?.attributes).toMatchObject({ type: 'Test', [deadLetterAttributes.source]: first.name });
          expect(Number(letter?.attributes[deadLetterAttributes.attempts])).toBeGreaterThanOrEqual(
            MAX_DELIVERY_ATTEMPTS,
          );
          expect(failures).toBeGreaterThanOrEqual(MAX_DELIVERY_ATTEMPTS);
          const failuresThen = failures;
          expect(await staysTrue(() => failures === failuresThen, WATCH_MS)).toBe(true);
          expect(dataOf(neighbour.received)).toHaveLength(21);
        });
      },
      SLOW_TEST_MS,
    );

    test('the same event published twice is two messages: the bus does not de-duplicate', async () => {
      await withBackend(harness, busTopology(), async (backend, { topic, first }) => {
        const { received, handle } = recorder();
        backend.deliverTo({ subscriptions: [{ subscription: first, handle }], tasks: [] });
        const event = { data: 'same', attributes: { id: 'same' } };
        const ids = await Promise.all([backend.eventBus.publish(topic, event), backend.eventBus.publish(topic, event)]);
        expect(new Set(ids).size).toBe(2);
        await eventually(() => expect(new Set(received.map((message) => message.messageId))).toEqual(new Set(ids)));
      });
    });

    test('seek delivers acknowledged messages again, from a time on and to one subscription', async () => {
      await withBackend(harness, busTopology(), async (backend, { topic, first, second }) => {
        const one = recorder();
        const two = recorder();
        backend.deliverTo({
          subscriptions: [
            { subscription: first, handle: one.handle },
            { subscription: second, handle: two.handle },
          ],
          tasks: [],
        });
        await backend.eventBus.publish(topic, { data: 'early', attributes: {} });
        await eventually(() => one.received.length > 0 && two.received.length > 0);
        // Well apart, so that the publish times of both messages lie on either side of `since` on any clock resolution.
        await staysTrue(() => true, 1_500);
        await backend.eventBus.publish(topic, { data: 'late', attributes: { k: 'v' } });
        await eventually(() => expect(dataOf(one.received)).toEqual(['early', 'late']));
        await eventually(() => expect(dataOf(two.received)).toEqual(['early', 'late']));
        const late = one.received.find((message) => message.data === 'late');
        if (late === undefined) throw new Error('unreachable');

        const seenByOne = one.received.length;
        const seenByTwo = two.received.length;
        await backend.eventBus.seek(first, new Date(late.publishTime.getTime() - 500));
        await eventually(() => one.received.length > seenByOne);
        expect(await staysTrue(() => two.received.length === seenByTwo, WATCH_MS)).toBe(true);
        const replayed = one.received.slice(seenByOne);
        expect(dataOf(replayed)).toEqual(['late']);
        expect(replayed[0]).toMatchObject({
          messageId: late.messageId,
          attributes: { k: 'v' },
          publishTime: late.publishTime,
        });
      });
    });

    test('any text and any attribute come out as they went in', async () => {
      await withBackend(harness, busTopology(), async (backend, { topic, first }) => {
        const { received, handle } = recorder();
        backend.deliverTo({ subscriptions: [{ subscription: first, handle }], tasks: [] });
        const messages = [
          {
            data: 'Grüße, नमस्ते, 👩‍👩‍👧‍👦, " \' \\ \n\r\t',
            attributes: { 'with space': 'ключ 🔑', quote: '"\'\\', long: 'ü'.repeat(500) },
          },
          { data: JSON.stringify({ text: '\u0000\u2028' }), attributes: {} },
          { data: 'a\u0000b', attributes: {} },
          { data: 'é'.repeat(32 * 1024), attributes: { size: '64 KB' } },
        ];
        for (const message of messages) await backend.eventBus.publish(topic, message);
        await eventually(() => expect(dataOf(received)).toHaveLength(messages.length));
        for (const message of messages)
          expect(received.find(({ data }) => data === message.data)?.attributes).toEqual(message.attributes);
      });
    });

    test('a message outside the limits is refused', async () => {
      await withBackend(harness, busTopology(), async (backend, { topic }) => {
        const attributes = (count: number): Record<string, string> =>
          Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'v']));
        await backend.eventBus.publish(topic, { data: '', attributes: attributes(100) });
        const refused = [
          { data: 'x'.repeat(9_000_001), attributes: {} },
          { data: '', attributes: attributes(101) },
          { data: '', attributes: { ['k'.repeat(257)]: 'v' } },
          { data: '', attributes: { k: 'ü'.repeat(513) } },
          { data: '', attributes: { '': 'v' } },
        ];
        for (const message of refused)
          await expect(backend.eventBus.publish(topic, message)).rejects.toBeInstanceOf(PermanentError);
      });
    });

    test('stopping waits for the handler at work and starts no other', async () => {
      await withBackend(harness, busTopology(), async (backend, { topic, first }) => {
        const finish = gate();
        const seen: string[] = [];
        const handle: MessageHandler = async (message) => {
          seen.push(message.data);
          await finish.opened;
          seen.push(`${message.data} done`);
        };
        const delivery = backend.deliverTo({ subscriptions: [{ subscription: first, handle }], tasks: [] });
        await backend.eventBus.publish(topic, { data: 'a', attributes: {} });
        await eventually(() => seen.length === 1);
        let stopped = false;
        const stopping = delivery.stop(8_000).then(() => {
          stopped = true;
        });
        await backend.eventBus.publish(topic, { data: 'b', attributes: {} });
        expect(await staysTrue(() => !stopped, 300)).toBe(true);
        finish.open();
        await stopping;
        expect(seen).toEqual(['a', 'a done']);
      });
    });

    crashTest('what was published or in flight when the process crashed is delivered afterwards', async () => {
      await withBackend(harness, busTopology(), async (backend, { topic, first }, opened) => {
        const never = gate();
        const before: string[] = [];
        const handleBefore: MessageHandler = async (message) => {
          before.push(message.data);
          if (message.data !== 'acknowledged') await never.opened;
        };
        backend.deliverTo({ subscriptions: [{ subscription: first, handle: handleBefore }], tasks: [] });
        await backend.eventBus.publish(topic, { data: 'acknowledged', attributes: {} });
        await backend.eventBus.publish(topic, { data: 'in flight', attributes: {} });
        await eventually(() => before.length === 2);
        await staysTrue(() => true, 300);

        const reopened = await crash(opened);
        const { received, handle } = recorder();
        reopened.deliverTo({ subscriptions: [{ subscription: first, handle }], tasks: [] });
        await reopened.eventBus.publish(topic, { data: 'new', attributes: {} });
        await eventually(() => expect(dataOf(received)).toEqual(['in flight', 'new']));
        never.open();
      });
    });
  });
}
