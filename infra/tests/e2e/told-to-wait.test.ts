import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, buyUntilAccepted, purchaseBodies, statusOf } from './harness/buyer.ts';
import { expectPromiseKept } from './harness/promise.ts';
import { storedDocuments } from './harness/stored.ts';
import type { Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

/** One call at a time: a call that is on its way when another one is told to wait could not know. */
const ONE_AT_A_TIME = { TASKS_MAX_CONCURRENT_DISPATCHES: '1' };

async function attemptsOf(world: World, purchases: readonly Purchase[]): Promise<readonly (number | undefined)[]> {
  return Promise.all(purchases.map(async ({ requestId }) => (await statusOf(world.url, requestId))?.attempts));
}

describe('Telegram says 429', () => {
  test('a storm of them: no call before the time is up, no attempt used up, and every purchase gets its link', async () => {
    const world = await openWorld({ settings: ONE_AT_A_TIME });
    await world.start();
    // Every seventh call is refused, in turns for 2 and 3 seconds: four stops for 20 purchases.
    world.telegram.faults.behaviour = ({ method, callNumber }) =>
      method === 'createChatInviteLink' && callNumber % 7 === 1
        ? { kind: 'too-many-requests', retryAfter: 2 + (callNumber % 2) }
        : undefined;
    const purchases = await Promise.all(purchaseBodies('storm', 20).map((body) => buy(world.url, body)));
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
    expect(world.telegram.calls.tooManyRequests).toBe(4);
    expect(world.telegram.calls.callsDuringStop).toBe(0);
    expect(world.telegram.calls.of('createChatInviteLink')).toBe(24);
    expect(new Set(await attemptsOf(world, purchases))).toEqual(new Set([1]));
  });

  test("Telegram's own limit below the queue's rate: still no call before the time is up", async () => {
    const world = await openWorld({ settings: ONE_AT_A_TIME, telegram: { linkCallsPerSecond: 5, burst: 5 } });
    await world.start();
    const purchases = await Promise.all(purchaseBodies('limit', 40).map((body) => buy(world.url, body)));
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
    expect(world.telegram.calls.tooManyRequests).toBeGreaterThan(0);
    expect(world.telegram.calls.callsDuringStop).toBe(0);
    expect(new Set(await attemptsOf(world, purchases))).toEqual(new Set([1]));
  });

  test('killed and started again during the stop: the rest of it is kept to', async () => {
    const world = await openWorld({ settings: ONE_AT_A_TIME });
    const fragile = await world.start({ crashAt: { moment: 'after', operation: 'create bot_rates' } });
    world.telegram.faults.next('createChatInviteLink', { kind: 'too-many-requests', retryAfter: 3 });
    const stoppedAt = Date.now();
    const restarted = fragile.exited.then(() => world.start());
    const purchases = await Promise.all(purchaseBodies('stop', 5).map((body) => buyUntilAccepted(world.url, body)));
    await restarted;
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
    // The refused call and one for each purchase, the second of all not before the time was up.
    expect(world.telegram.calls.of('createChatInviteLink')).toBe(6);
    expect((world.telegram.calls.linkCallTimes[1] ?? 0) - stoppedAt).toBeGreaterThanOrEqual(3_000);
    expect(world.telegram.calls.callsDuringStop).toBe(0);
    expect(new Set(await attemptsOf(world, purchases))).toEqual(new Set([1]));
  });

  test.each<[string, number | string | undefined, string, number]>([
    ['no retry_after', undefined, 'a minute', 60],
    ['a retry_after that is no number', 'soon', 'a minute', 60],
    ['a negative retry_after', -5, 'a minute', 60],
    ['a retry_after of zero', 0, 'a minute', 60],
    ['a retry_after of five days', 5 * 24 * 3_600, 'five days', 5 * 24 * 3_600],
    ['a retry_after of 31 years', 1_000_000_000, 'the fourteen days that Telegram orders at most', 14 * 24 * 3_600],
  ])('with %s: no call for as long as that means (%s, %s), then on', async (_what, retryAfter, _silence, seconds) => {
    const world = await openWorld({ settings: ONE_AT_A_TIME });
    await world.start();
    const answer = {
      ok: false,
      error_code: 429,
      description: 'Too Many Requests',
      ...(retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } }),
    };
    world.telegram.faults.next('createChatInviteLink', { kind: 'answer', status: 429, body: answer });
    const boughtAt = Date.now();
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await eventually(() => world.process.logged('delivery').some(({ source }) => source === 'tg-invite-queue'));
    expect(await statusOf(world.url, purchase.requestId)).toMatchObject({ status: 'QUEUED', attempts: 0 });
    expect(await world.process.stop()).toEqual({ code: 0, signal: null });
    const [pause] = (await storedDocuments(world.dataDir)).bot_rates;
    const pausedUntil = Date.parse(String(pause?.['pausedUntil']));
    expect(pausedUntil).toBeGreaterThanOrEqual(boughtAt + seconds * 1_000);
    expect(pausedUntil).toBeLessThanOrEqual(Date.now() + seconds * 1_000);
    await world.start({ clockAheadMs: (seconds + 1) * 1_000 });
    expect(await linkCallsUntilDone(world, purchase)).toBe(2);
  });

  test('with an unreadable retry_after and a good Retry-After header: the header counts', async () => {
    const world = await openWorld({ settings: ONE_AT_A_TIME });
    await world.start();
    const body = { ok: false, error_code: 429, description: 'Too Many Requests', parameters: { retry_after: 'soon' } };
    world.telegram.faults.next('createChatInviteLink', {
      kind: 'answer',
      status: 429,
      body,
      headers: { 'retry-after': '1' },
    });
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    expect(await linkCallsUntilDone(world, purchase)).toBe(2);
    const [first = 0, second = 0] = world.telegram.calls.linkCallTimes;
    expect(second - first).toBeGreaterThanOrEqual(1_000);
  });
});

async function linkCallsUntilDone(world: World, purchase: Purchase): Promise<number> {
  await eventually(async () => {
    expect(await statusOf(world.url, purchase.requestId)).toMatchObject({
      status: 'DONE',
      attempts: 1,
      weLinkEventFired: true,
    });
  });
  expect(world.webengage.eventCount).toBe(1);
  return world.telegram.calls.of('createChatInviteLink');
}
