import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { deadLetters, type DeadLetter } from '@paid-community/shared/model/operations/dead-letter.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { linkCreatedEvents, memberJoinedEvents, purchaseEvents } from '@paid-community/shared/model/topics.ts';
import {
  createdLinksForEventEmitter,
  joinedMembersForEventEmitter,
  purchasesForLinkWorker,
} from '@paid-community/shared/topology.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { buy, statusOf } from '../e2e/harness/buyer.ts';
import { join } from '../e2e/harness/promise.ts';
import type { Purchase } from '../e2e/harness/wire.ts';
import { sharedEmulators } from '../emulators/shared-emulators.ts';
import type { Emulators } from '../../run/emulators/start-emulators.ts';
import { CloudWorld } from './harness/cloud-world.ts';

// The whole system as it runs on Google Cloud: four processes, the emulators between them. What the emulators cannot
// show: identity tokens, quotas, and how Google's own services fail.

const START_TIMEOUT_MS = 180_000;
const FLOW_TIMEOUT_MS = 180_000;

let emulators: Emulators;
/** Set by the test that wants a task dispatched again although its handler has answered 2xx. */
let dispatchAgain: (task: { readonly dispatches: number }) => boolean = () => false;

withEmulators(['cloud-firestore-emulator', 'pubsub-emulator'], () => {
  beforeAll(async () => {
    emulators = await sharedEmulators({ dispatchAgain: (task) => dispatchAgain(task) });
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await emulators.stop();
  });
  describe('four processes on the emulators', fourProcesses);
});

/** One system for all of these, so that each test also shows that the ones before have left nothing behind. */
function fourProcesses(): void {
  let world: CloudWorld;
  beforeAll(async () => {
    world = await CloudWorld.open({
      emulators,
      settings: { MAX_ATTEMPTS: '3' },
      // As short as Pub/Sub allows.
      policy: ({ deadLetter }) => ({
        ackDeadlineSeconds: 10,
        ...(deadLetter?.maxDeliveryAttempts === undefined
          ? {}
          : { deadLetter: { ...deadLetter, maxDeliveryAttempts: 5 } }),
      }),
    });
  }, START_TIMEOUT_MS);
  afterEach(() => {
    dispatchAgain = () => false;
    world.telegram.faults.clear();
    world.webengage.faults.clear();
  });
  afterAll(() => world.close());

  async function purchaseOf(name: string): Promise<Purchase> {
    return buy(world.url, { userId: name, transactionId: `txn-${name}` });
  }

  async function kept(name: string): Promise<Purchase> {
    const purchase = await purchaseOf(name);
    world.purchases.push(purchase);
    return purchase;
  }

  async function deadLettersOf(source: string): Promise<readonly DeadLetter[]> {
    const page = await world.backend.store.query({
      collection: deadLetters,
      where: { status: 'open', source },
      orderBy: { field: 'lastAt', direction: 'ascending' },
      limit: 100,
    });
    return page.documents.map(({ data }) => data);
  }

  test(
    'a purchase becomes a link, and a join is reported',
    async () => {
      const purchase = await kept('first');
      world.joins.push(await join(world, purchase));
      expect(await world.keepsItsPromise()).toEqual({ orphans: 0, repeats: 0 });
    },
    FLOW_TIMEOUT_MS,
  );

  test(
    'every message of the way published five times more changes nothing',
    async () => {
      const purchase = await kept('repeated');
      world.joins.push(await join(world, purchase));
      await world.keepsItsPromise();
      const linkCalls = world.telegram.calls.of('createChatInviteLink');
      const webEngageCalls = world.webengage.calls;
      const ways = [
        [purchaseEvents, purchasesForLinkWorker],
        [linkCreatedEvents, createdLinksForEventEmitter],
        [memberJoinedEvents, joinedMembersForEventEmitter],
      ] as const;
      const before = ways.map(([, { name }]) => world.deliveries(name, 'acknowledged'));
      await Promise.all(ways.map(([topic]) => world.republish(topic, 5)));
      await eventually(() =>
        expect(ways.map(([, { name }]) => world.deliveries(name, 'acknowledged'))).toEqual(
          before.map((count) => count + 5),
        ),
      );
      expect(await world.keepsItsPromise()).toEqual({ orphans: 0, repeats: 0 });
      expect([world.telegram.calls.of('createChatInviteLink'), world.webengage.calls]).toEqual([
        linkCalls,
        webEngageCalls,
      ]);
    },
    FLOW_TIMEOUT_MS,
  );

  test(
    'a message that nobody can read is parked at its first delivery, and delays nobody',
    async () => {
      const source = purchasesForLinkWorker.name;
      await world.backend.eventBus.publish(purchaseEvents, { data: 'not an event', attributes: { id: 'poison-1' } });
      await kept('behind-the-poison');
      const [letter] = await eventually(async () => {
        const letters = await deadLettersOf(source);
        expect(letters).toHaveLength(1);
        return letters;
      });
      expect(letter).toMatchObject({
        source,
        message: { data: 'not an event', attributes: { id: 'poison-1' } },
        history: [{ code: expect.stringMatching(/^[a-z_]+$/) }],
      });
      await world.keepsItsPromise();
      expect([world.deliveries(source, 'dead_lettered'), world.deliveries(source, 'handed_back')]).toEqual([1, 0]);
    },
    FLOW_TIMEOUT_MS,
  );

  test(
    'a purchase whose last attempt has failed is FAILED, and a dead letter',
    async () => {
      const calls = world.telegram.calls.of('createChatInviteLink');
      world.telegram.faults.behaviour = () => ({ kind: 'answer', status: 500, body: 'down' });
      const { requestId } = await purchaseOf('no-link');
      await eventually(async () =>
        expect(await statusOf(world.url, requestId)).toMatchObject({
          status: 'FAILED',
          attempts: 3,
          weLinkEventFired: false,
        }),
      );
      const letters = await eventually(async () => {
        const found = await deadLettersOf(inviteQueue.name);
        expect(found).toHaveLength(1);
        return found;
      });
      expect(letters[0]?.message.data).toContain(requestId);
      expect(letters[0]?.history).toMatchObject([{ code: 'attempts_exhausted' }]);
      expect(world.telegram.calls.of('createChatInviteLink') - calls).toBe(3);
      world.telegram.faults.clear();
      await world.keepsItsPromise();
    },
    FLOW_TIMEOUT_MS,
  );

  test(
    'an event that no delivery has brought to WebEngage is a dead letter of Pub/Sub',
    async () => {
      const { name } = createdLinksForEventEmitter;
      world.webengage.faults.behaviour = () => ({ kind: 'answer', status: 503, body: 'down' });
      const { requestId } = await purchaseOf('no-message');
      const parked = await eventually(
        async () => {
          // The emulator may not say where it came from.
          const found = [...(await deadLettersOf(name)), ...(await deadLettersOf('unknown'))];
          expect(found).toHaveLength(1);
          return found;
        },
        { intervalMs: 100 },
      );
      expect(parked[0]?.message.data).toContain(requestId);
      expect(parked[0]?.history).toMatchObject([{ code: 'delivery_attempts_exhausted' }]);
      expect(world.deliveries(name, 'handed_back')).toBeGreaterThanOrEqual(5);
      expect(await statusOf(world.url, requestId)).toMatchObject({ status: 'DONE', weLinkEventFired: false });
      world.webengage.faults.clear();
      // An operator publishes it again when WebEngage is back.
      await world.republish(linkCreatedEvents, 1);
      world.purchases.push({ requestId, userId: 'no-message', transactionId: 'txn-no-message' });
      await world.keepsItsPromise();
    },
    FLOW_TIMEOUT_MS,
  );

  test(
    'a seek replays everything, and nothing is made or sent twice',
    async () => {
      const subscriptions = [purchasesForLinkWorker, createdLinksForEventEmitter, joinedMembersForEventEmitter];
      await kept('before-the-seek');
      await world.keepsItsPromise();
      const linkCalls = world.telegram.calls.of('createChatInviteLink');
      const webEngageCalls = world.webengage.calls;
      const before = subscriptions.map(({ name }) => world.deliveries(name, 'acknowledged'));
      for (const subscription of subscriptions)
        await world.backend.eventBus.seek(subscription, new Date(Date.now() - 3_600_000));
      // At least one message of each purchase and join kept so far comes again.
      const least = [world.purchases.length, world.purchases.length, world.joins.length];
      await eventually(() => {
        for (const [index, { name }] of subscriptions.entries())
          expect(world.deliveries(name, 'acknowledged') - (before[index] ?? 0)).toBeGreaterThanOrEqual(
            least[index] ?? 0,
          );
      });
      // Behind the replay, a purchase as usual.
      await kept('after-the-seek');
      await world.keepsItsPromise();
      expect([world.telegram.calls.of('createChatInviteLink'), world.webengage.calls]).toEqual([
        linkCalls + 1,
        webEngageCalls + 1,
      ]);
    },
    FLOW_TIMEOUT_MS,
  );

  test(
    'a task that is dispatched three times makes one link',
    async () => {
      dispatchAgain = ({ dispatches }) => dispatches < 3;
      const linkCalls = world.telegram.calls.of('createChatInviteLink');
      const tasks = world.deliveries(inviteQueue.name, 'acknowledged');
      await kept('dispatched-thrice');
      await eventually(() => world.deliveries(inviteQueue.name, 'acknowledged') === tasks + 3);
      await world.keepsItsPromise();
      expect(world.telegram.calls.of('createChatInviteLink')).toBe(linkCalls + 1);
    },
    FLOW_TIMEOUT_MS,
  );

  test(
    'an event whose handler outlasts the ack deadline is delivered again, and sent once',
    async () => {
      const source = createdLinksForEventEmitter.name;
      const calls = world.webengage.calls;
      const deliveries = world.deliveries(source, 'acknowledged');
      world.webengage.faults.next('events', { kind: 'delay', ms: 11_500 });
      await kept('slow');
      // The second waits in the process until the first is done, and finds the ledger entry.
      await eventually(() => world.deliveries(source, 'acknowledged') >= deliveries + 2);
      await world.keepsItsPromise();
      expect(world.webengage.calls).toBe(calls + 1);
    },
    FLOW_TIMEOUT_MS,
  );
}
