import { afterEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import type { Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { linkCreatedEvents, memberJoinedEvents, purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { deadLettersForIntake } from '@paid-community/shared/topology.ts';
import { deadLetters, type DeadLetter } from '@paid-community/shared/model/operations/dead-letter.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, purchaseBodies, statusOf } from './harness/buyer.ts';
import { expectPromiseKept, join, linkInMessage } from './harness/promise.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

async function worldInProcess(): Promise<{ world: World; backend: Backend }> {
  const world = await openWorld();
  const backend = await world.startInProcess();
  await eventually(() => world.telegram.calls.of('setWebhook') === 1);
  return { world, backend };
}

async function deadLettersOf({ store }: Backend, source: string): Promise<readonly DeadLetter[]> {
  const page = await store.query({
    collection: deadLetters,
    where: { status: 'open', source },
    orderBy: { field: 'lastAt', direction: 'ascending' },
    limit: 1_000,
  });
  return page.documents.map(({ data }) => data);
}

/** A well-formed event, with what is wrong about it. */
function event(type: string, id: string, wrong: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    specversion: '1.0',
    id,
    type,
    source: 'test',
    subject: 'r',
    time: '2026-11-20T20:15:00.000Z',
    datacontenttype: 'application/json',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    data: {
      requestId: 'r',
      userId: 'u',
      transactionId: 't',
      communityId: 'default',
      inviteLink: 'https://t.me/+x',
      telegramUserId: '1',
    },
    ...wrong,
  });
}

function poisonFor(type: string): readonly string[] {
  return [
    'not json',
    '',
    'null',
    '[]',
    '"text"',
    '7',
    '{}',
    '{"__proto__":{"type":"PurchaseReceived"}}',
    '['.repeat(60_000),
    event(type, 'wrong-type', { type: 'SomethingElse' }),
    event(type, 'wrong-version', { specversion: '9.9' }),
    event(type, 'no-data', { data: undefined }),
    event(type, 'data-null', { data: null }),
    event(type, 'data-empty', { data: {} }),
    event(type, 'number-as-user', {
      data: { requestId: 'r', userId: 7, transactionId: 't', communityId: 'd', inviteLink: 'l', telegramUserId: '1' },
    }),
    event(type, 'empty-user', {
      data: { requestId: 'r', userId: '', transactionId: 't', communityId: 'd', inviteLink: 'l', telegramUserId: '1' },
    }),
    event(type, 'time-of-the-wrong-form', { time: 'yesterday' }),
    event(type, 'time-without-zone', { time: '2026-11-20T20:15:00' }),
  ];
}

describe('a message that nobody can process', () => {
  test.each<[string, Topic, string, string]>([
    ['purchase', purchaseEvents, 'PurchaseReceived', 'link-worker-purchase-events'],
    ['created link', linkCreatedEvents, 'LinkCreated', 'event-emitter-link-created-events'],
    ['join', memberJoinedEvents, 'MemberJoined', 'event-emitter-member-joined-events'],
  ])(
    'among those of a %s is parked with its reason, and what comes behind it is not held up',
    async (_what, topic, type, source) => {
      const { world, backend } = await worldInProcess();
      const poison = poisonFor(type);
      const parked = Promise.all(
        poison.map((data, index) =>
          backend.eventBus.publish(topic, { data, attributes: { id: `poison-${index}`, type } }),
        ),
      );
      const startedAt = performance.now();
      const purchases = await Promise.all(purchaseBodies('behind', 10).map((body) => buy(world.url, body)));
      const joins = await Promise.all(purchases.map((purchase) => join(world, purchase)));
      expect(await expectPromiseKept(world, { purchases, joins })).toEqual({ orphans: 0, repeats: 0 });
      // Far less than one redelivery backoff for each poisoned message.
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      await parked;
      const letters = await eventually(async () => {
        const found = await deadLettersOf(backend, source);
        expect(found).toHaveLength(poison.length);
        return found;
      });
      expect(letters.map(({ message }) => message.data).sort()).toEqual([...poison].sort());
      for (const { history, message } of letters) {
        expect(history).toMatchObject([
          { code: 'invalid_event', reason: expect.stringMatching(/not JSON|Not a \w+ event/), attempts: 1 },
        ]);
        expect(message.attributes).toEqual({ id: expect.stringMatching(/^poison-\d+$/), type });
      }
    },
  );

  test('as a task is parked, and the tasks behind it are not held up', async () => {
    const { world, backend } = await worldInProcess();
    const payloads = [
      'not json',
      '{}',
      'null',
      JSON.stringify({ requestId: 'nobody', attemptNumber: 1, deferrals: 0, traceparent: '' }),
    ];
    await Promise.all(
      payloads.map((payload, index) => backend.taskQueue.enqueue(inviteQueue, { name: `poison-${index}`, payload })),
    );
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats: 0 });
    await eventually(async () => {
      const letters = await deadLettersOf(backend, 'tg-invite-queue');
      expect(letters.map(({ history }) => history[0]?.code).sort()).toEqual([
        'invalid_task',
        'invalid_task',
        'invalid_task',
        'unknown_request',
      ]);
    });
  });

  test('on the topic of dead letters itself is kept too, in any form', async () => {
    const { backend } = await worldInProcess();
    const strange = [
      { data: '', attributes: {} },
      { data: '['.repeat(60_000), attributes: { id: 'x' } },
      { data: 'with a strange count', attributes: { CloudPubSubDeadLetterSourceDeliveryCount: 'many', id: 'y' } },
    ];
    await Promise.all(strange.map((message) => backend.eventBus.publish(deadLettersForIntake.topic, message)));
    await eventually(async () => expect(await deadLettersOf(backend, 'unknown')).toHaveLength(strange.length));
  });
});

describe('an event that WebEngage does not take', () => {
  test.each([400, 413, 422])('with a %i is a dead letter with the answer, and is not sent again', async (status) => {
    const { world, backend } = await worldInProcess();
    const answer = { response: { status: 'error', message: `refused for reason ${status}` } };
    world.webengage.faults.next('events', { kind: 'answer', status, body: answer });
    const refused = await buy(world.url, { userId: 'user-77', transactionId: 't' });
    const letters = await eventually(async () => {
      const found = await deadLettersOf(backend, 'event-emitter-link-created-events');
      expect(found).toHaveLength(1);
      return found;
    });
    expect(letters[0]?.history).toMatchObject([
      { code: `webengage_${status}`, reason: expect.stringContaining(`refused for reason ${status}`), attempts: 1 },
    ]);
    const next = await buy(world.url, { userId: 'next', transactionId: 't' });
    await linkInMessage(world, next);
    expect(world.webengage.calls).toBe(2);
    expect(world.webengage.eventCount).toBe(1);
    expect(await statusOf(world.url, refused.requestId)).toMatchObject({ status: 'DONE', weLinkEventFired: false });
  });

  test('with 401, 403, 404, 408, 429 or a 5xx waits, and is sent once when WebEngage recovers', async () => {
    const { world, backend } = await worldInProcess();
    const statuses = [401, 403, 404, 408, 429, 500, 502, 503];
    const refused = new Map<number, number>();
    // The buyer's name says how WebEngage answers.
    world.webengage.faults.behaviour = ({ body }) => {
      const status = Number((body as { userId: string }).userId);
      refused.set(status, (refused.get(status) ?? 0) + 1);
      return { kind: 'answer', status, body: 'an error page that is no JSON' };
    };
    const purchases = await Promise.all(
      statuses.map((status) => buy(world.url, { userId: String(status), transactionId: 't' })),
    );
    await eventually(() => statuses.every((status) => (refused.get(status) ?? 0) >= 2));
    expect(world.webengage.eventCount).toBe(0);
    world.webengage.faults.clear();
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
    expect(await deadLettersOf(backend, 'event-emitter-link-created-events')).toEqual([]);
  });

  test('for hours does not wear it out: it is sent after the outage', async () => {
    const world = await openWorld();
    await world.start();
    world.webengage.faults.behaviour = () => ({ kind: 'answer', status: 503, body: '' });
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await eventually(() => world.webengage.calls >= 1);
    for (let hour = 1; hour <= 4; hour += 1) {
      const calls = world.webengage.calls;
      await world.process.kill();
      await world.start({ clockAheadMs: hour * 3_600_000 });
      await eventually(() => world.webengage.calls > calls);
    }
    world.webengage.faults.clear();
    await world.process.kill();
    await world.start({ clockAheadMs: 5 * 3_600_000 });
    await linkInMessage(world, purchase);
    await eventually(async () => (await statusOf(world.url, purchase.requestId))?.weLinkEventFired === true);
    expect(world.webengage.eventCount).toBe(1);
  });
});
