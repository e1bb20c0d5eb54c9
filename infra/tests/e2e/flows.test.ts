import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, postPurchase, statusOf, toPurchase } from './harness/buyer.ts';
import { NEXT_API_KEY } from './harness/credentials.ts';
import { send } from './harness/http.ts';
import { eventsOf, expectPromiseKept, join, linkInMessage } from './harness/promise.ts';
import { JOINED, LINK_CREATED, linkNameOf, parseEventTime } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

async function startedWorld(): Promise<World> {
  const world = await openWorld();
  await world.start();
  return world;
}

describe('from purchase to link to join', () => {
  test('a purchase and its join reach WebEngage in the agreed form, each once', async () => {
    const world = await startedWorld();
    const boughtAt = Date.now();
    const purchase = await buy(world.url, { userId: '12345', transactionId: 'txn_abc' });
    const inviteLink = await linkInMessage(world, purchase);
    expect(eventsOf(world, LINK_CREATED)).toEqual([
      {
        receivedAt: expect.any(Number),
        userId: '12345',
        eventName: 'pass_paid_community_telegram_link_created',
        eventTime: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+0000$/),
        eventData: { transactionId: 'txn_abc', inviteLink },
        requestIdHeader: expect.stringMatching(/^[0-9a-f]{16,64}$/),
      },
    ]);
    expect(world.telegram.links.get(inviteLink)).toMatchObject({
      name: linkNameOf(purchase.requestId),
      memberLimit: 1,
      expireDate: 0,
    });
    const madeAt = world.telegram.links.get(inviteLink)?.createdAt ?? 0;
    expect(madeAt).toBeGreaterThanOrEqual(boughtAt);
    expect(Math.abs(parseEventTime(eventsOf(world, LINK_CREATED)[0]?.eventTime) - madeAt)).toBeLessThan(2_000);

    const joined = await join(world, purchase);
    expect(await expectPromiseKept(world, { purchases: [purchase], joins: [joined] })).toEqual({
      orphans: 0,
      repeats: 0,
    });
    expect(eventsOf(world, JOINED)).toEqual([
      {
        receivedAt: expect.any(Number),
        userId: '12345',
        eventName: 'pass_paid_community_telegram_joined',
        eventTime: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+0000$/),
        eventData: { transactionId: 'txn_abc', inviteLink, telegramUserId: String(joined.telegramUserId) },
        requestIdHeader: expect.stringMatching(/^[0-9a-f]{16,64}$/),
      },
    ]);
    const headers = world.webengage.events.map(({ requestIdHeader }) => requestIdHeader);
    expect(new Set(headers).size).toBe(2);
  });

  test('an event tells when the thing happened, however late it is sent', async () => {
    const world = await startedWorld();
    world.webengage.faults.behaviour = () => ({ kind: 'answer', status: 503, body: 'down' });
    const purchase = await buy(world.url, { userId: 'late', transactionId: 'txn_late' });
    await eventually(() => world.webengage.calls >= 2);
    world.webengage.faults.clear();
    const inviteLink = await linkInMessage(world, purchase);
    const [event] = eventsOf(world, LINK_CREATED);
    const madeAt = world.telegram.links.get(inviteLink)?.createdAt ?? 0;
    expect(Math.abs(parseEventTime(event?.eventTime) - madeAt)).toBeLessThanOrEqual(1_000);
    expect((event?.receivedAt ?? 0) - madeAt).toBeGreaterThan(900);
  });

  test('the status look-up shows the way from the purchase to the join', async () => {
    const world = await startedWorld();
    expect(await statusOf(world.url, '0b5c3f6e-3f41-4a53-9a52-7c4c1c2f7a10')).toBeUndefined();
    world.telegram.faults.next('createChatInviteLink', { kind: 'delay', ms: 500 });
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    const queued = await eventually(async () => (await statusOf(world.url, purchase.requestId)) ?? false);
    expect(queued).toEqual({
      ok: true,
      requestId: purchase.requestId,
      status: 'QUEUED',
      attempts: 0,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      weLinkEventFired: false,
      joinEventFired: false,
    });
    const inviteLink = await linkInMessage(world, purchase);
    const joined = await join(world, purchase);
    await expectPromiseKept(world, { purchases: [purchase], joins: [joined] });
    const done = await statusOf(world.url, purchase.requestId);
    expect(done).toMatchObject({
      status: 'DONE',
      attempts: 1,
      inviteLink,
      weLinkEventFired: true,
      joinEventFired: true,
    });
    const times = [done?.createdAt, done?.linkCreatedAt, done?.linkEventSentAt, done?.joinEventSentAt].map((time) =>
      Date.parse(time ?? ''),
    );
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.abs(Date.parse(done?.joinedAt ?? '') - Date.now())).toBeLessThan(10_000);
  });

  test('the look-up wants a key, and knows no request under an id that is none', async () => {
    const world = await startedWorld();
    const { requestId } = await buy(world.url, { userId: 'u', transactionId: 't' });
    expect(await send(`${world.url}/v1/invite/requests/${requestId}`)).toMatchObject({
      status: 401,
      json: { ok: false, error: { code: 'unauthorized' } },
    });
    for (const id of ['nonsense', requestId.toUpperCase(), '..%2F..%2Fbot_rates', '%00', 'a'.repeat(3_000)]) {
      const answer = await send(`${world.url}/v1/invite/requests/${id}`, { headers: { 'x-api-key': NEXT_API_KEY } });
      expect(answer).toMatchObject({ status: 404, json: { ok: false, error: { code: 'not_found' } } });
    }
  });
});

describe('the same purchase sent again', () => {
  test('the same user and transaction get the same request, and one link', async () => {
    const world = await startedWorld();
    const body = { userId: 'u1', transactionId: 't1' };
    const first = await buy(world.url, body);
    await linkInMessage(world, first);
    const again = [await buy(world.url, body), await buy(world.url, body, { 'idempotency-key': 'does-not-matter' })];
    const otherKey = toPurchase(
      await postPurchase(world.url, body, { authorization: '', 'x-api-key': NEXT_API_KEY }),
      body,
    );
    expect(new Set([first, ...again, otherKey].map(({ requestId }) => requestId)).size).toBe(1);
    // All effects of the repeats come before those of a later purchase.
    const last = await buy(world.url, { userId: 'u2', transactionId: 't1' });
    expect(await expectPromiseKept(world, { purchases: [first, last] })).toEqual({ orphans: 0, repeats: 0 });
  });

  test('without a transaction an Idempotency-Key does the same for one user', async () => {
    const world = await startedWorld();
    const key = { 'idempotency-key': 'order-7' };
    const first = await buy(world.url, { userId: 'u1' }, key);
    expect(await buy(world.url, { userId: 'u1', transactionId: '' }, key)).toEqual(first);
    const otherUser = await buy(world.url, { userId: 'u2' }, key);
    const otherKey = await buy(world.url, { userId: 'u3' }, { 'idempotency-key': 'order-8' });
    const asTransaction = await buy(world.url, { userId: 'u1', transactionId: 'order-7' });
    expect(await expectPromiseKept(world, { purchases: [first, otherUser, otherKey, asTransaction] })).toEqual({
      orphans: 0,
      repeats: 0,
    });
  });

  test('with neither, every call is a purchase of its own', async () => {
    const world = await startedWorld();
    const purchases = [
      await buy(world.url, { userId: 'u' }),
      await buy(world.url, { userId: 'u', transactionId: '' }),
      await buy(world.url, { userId: 'u' }),
    ];
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
  });

  test('ids that only look alike when they are joined are different purchases', async () => {
    const world = await startedWorld();
    const bodies = [
      ['a', 'bc'],
      ['ab', 'c'],
      ['a"', ',"c'],
      ['a","b', 'c'],
      ['A', 'bc'],
      ['a', 'bc '],
      ['ü', 'x'],
      ['u\u0308', 'x'],
    ] as const;
    const purchases = await Promise.all(
      bodies.map(([userId, transactionId]) => buy(world.url, { userId, transactionId })),
    );
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
  });
});
