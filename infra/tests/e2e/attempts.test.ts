import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { Fault } from '../../run/simulators/http/faults.ts';
import { buy, statusOf } from './harness/buyer.ts';
import { ops } from './harness/ops.ts';
import { expectPromiseKept, linkInMessage } from './harness/promise.ts';
import { storedDocuments } from './harness/stored.ts';
import type { RequestStatus } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

async function startedWorld(settings: Readonly<Record<string, string>>): Promise<World> {
  const world = await openWorld({ settings });
  await world.start();
  return world;
}

function refuseLinks(world: World, fault: Fault): void {
  world.telegram.faults.behaviour = ({ method }) => (method === 'createChatInviteLink' ? fault : undefined);
}

function statusReached(world: World, requestId: string, wanted: Partial<RequestStatus>): Promise<RequestStatus> {
  return eventually(async () => {
    const status = await statusOf(world.url, requestId);
    expect(status).toMatchObject(wanted);
    return status ?? Promise.reject(new Error('unknown request'));
  });
}

describe('a link call that fails', () => {
  test('is tried again after BASE_BACKOFF_SEC, then after twice as long each time', async () => {
    const world = await startedWorld({ BASE_BACKOFF_SEC: '0.4' });
    const broken: Fault = { kind: 'answer', status: 502, body: '<html>Bad Gateway</html>' };
    world.telegram.faults.next('createChatInviteLink', broken, broken, broken);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats: 0 });
    const times = world.telegram.calls.linkCallTimes;
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toHaveLength(3);
    for (const [index, least] of [400, 800, 1_600].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(least - 5);
      expect(waits[index]).toBeLessThan(least + 750);
    }
    expect(await statusOf(world.url, purchase.requestId)).toMatchObject({ attempts: 4 });
  });

  test('shows in the status look-up with the reason and the time of the next attempt, and keeps its count through a kill', async () => {
    const world = await startedWorld({ BASE_BACKOFF_SEC: '2' });
    world.telegram.faults.next('createChatInviteLink', {
      kind: 'answer',
      status: 500,
      body: { ok: false, error_code: 500, description: 'Internal Server Error' },
    });
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    const waiting = await statusReached(world, purchase.requestId, { status: 'PROCESSING', attempts: 1 });
    expect(waiting).toMatchObject({
      lastError: { code: 'telegram_500', message: expect.stringContaining('Internal Server Error') },
      weLinkEventFired: false,
    });
    expect(waiting.inviteLink).toBeUndefined();
    const nextAttemptAt = Date.parse(waiting.nextAttemptAt ?? '');
    // The wait begins when the call has failed, the record is written a moment later.
    const waitMs = nextAttemptAt - Date.parse(waiting.updatedAt);
    expect(waitMs).toBeLessThanOrEqual(2_000);
    expect(waitMs).toBeGreaterThan(1_500);
    await world.process.kill();
    await world.start();
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats: 0 });
    expect(await statusOf(world.url, purchase.requestId)).toMatchObject({ attempts: 2 });
    expect(world.telegram.calls.linkCallTimes[1]).toBeGreaterThanOrEqual(nextAttemptAt - 5);
  });

  test.each<[string, Fault]>([
    [
      'rights are missing',
      {
        kind: 'answer',
        status: 400,
        body: { ok: false, error_code: 400, description: 'Bad Request: not enough rights to manage chat invite link' },
      },
    ],
    [
      'the bot was removed',
      {
        kind: 'answer',
        status: 403,
        body: { ok: false, error_code: 403, description: 'Forbidden: bot was kicked from the supergroup chat' },
      },
    ],
    [
      'the token was revoked',
      { kind: 'answer', status: 401, body: { ok: false, error_code: 401, description: 'Unauthorized' } },
    ],
  ])('because %s tells an operator what to do, and heals when that is done', async (_why, fault) => {
    const world = await startedWorld({ BASE_BACKOFF_SEC: '0.3' });
    refuseLinks(world, fault);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await statusReached(world, purchase.requestId, { status: 'PROCESSING' });
    const [alarm] = world.process.logged('link call');
    expect(alarm).toMatchObject({ level: 'error', outcome: 'needs_administrator', hint: expect.stringMatching(/\S/) });
    world.telegram.faults.clear();
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats: 0 });
  });

  test.each<[string, Fault]>([
    ['no JSON', { kind: 'answer', status: 200, body: '<html>' }],
    ['nothing', { kind: 'answer', status: 200, body: '' }],
    ['ok without a result', { kind: 'answer', status: 200, body: { ok: true } }],
    ['a result without a link', { kind: 'answer', status: 200, body: { ok: true, result: {} } }],
    ['a link that is no text', { kind: 'answer', status: 200, body: { ok: true, result: { invite_link: 7 } } }],
    ['an empty link', { kind: 'answer', status: 200, body: { ok: true, result: { invite_link: '' } } }],
    ['ok false with 200', { kind: 'answer', status: 200, body: { ok: false, error_code: 500, description: 'oops' } }],
    ['a redirect', { kind: 'answer', status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } }],
  ])('with %s in place of an answer is tried again', async (_what, fault) => {
    const world = await startedWorld({ BASE_BACKOFF_SEC: '0.1' });
    world.telegram.faults.next('createChatInviteLink', fault);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats: 0 });
    expect(await statusOf(world.url, purchase.requestId)).toMatchObject({ attempts: 2 });
  });
});

describe('a purchase whose attempts are used up', () => {
  test('is FAILED and a dead letter, and costs no further call', async () => {
    const world = await startedWorld({ MAX_ATTEMPTS: '3', BASE_BACKOFF_SEC: '0.1' });
    refuseLinks(world, { kind: 'answer', status: 500, body: 'oops' });
    const purchase = await buy(world.url, { userId: 'hopeless', transactionId: 't' });
    await statusReached(world, purchase.requestId, { status: 'FAILED', attempts: 3 });
    world.telegram.faults.clear();
    // A kill and another purchase: neither of them wakes it.
    await world.process.kill();
    await world.start();
    const next = await buy(world.url, { userId: 'next', transactionId: 't' });
    await linkInMessage(world, next);
    expect(await statusOf(world.url, purchase.requestId)).toMatchObject({
      status: 'FAILED',
      attempts: 3,
      weLinkEventFired: false,
      lastError: { code: 'telegram_500' },
    });
    expect(world.telegram.calls.of('createChatInviteLink')).toBe(4);
    expect(world.webengage.eventCount).toBe(1);
    expect(await world.process.stop()).toEqual({ code: 0, signal: null });
    const letters = (await storedDocuments(world.dataDir)).dead_letters;
    expect(letters).toMatchObject([
      {
        source: 'tg-invite-queue',
        history: expect.arrayContaining([expect.objectContaining({ code: 'attempts_exhausted' })]),
      },
    ]);
    expect(JSON.stringify(letters)).toContain(purchase.requestId);
  });

  test('because Telegram repeats the link of another purchase: it is among the failed after one call, and the others go on', async () => {
    const world = await startedWorld({});
    const first = await buy(world.url, { userId: 'first', transactionId: 't' });
    await expectPromiseKept(world, { purchases: [first] });
    const { inviteLink } = await statusReached(world, first.requestId, { status: 'DONE' });
    world.telegram.faults.next('createChatInviteLink', {
      kind: 'answer',
      status: 200,
      body: { ok: true, result: { invite_link: inviteLink } },
    });
    const second = await buy(world.url, { userId: 'second', transactionId: 't' });
    await statusReached(world, second.requestId, {
      status: 'FAILED',
      lastError: {
        code: 'link_given_twice',
        message: expect.stringContaining('a link that a purchase has already') as unknown as string,
      },
    });
    expect(world.telegram.calls.of('createChatInviteLink')).toBe(2);
    const third = await buy(world.url, { userId: 'third', transactionId: 't' });
    await statusReached(world, third.requestId, { status: 'DONE' });
    expect(await ops(world, ['requests', 'list', '--failed'])).toMatchObject({
      stdout: expect.stringContaining(second.requestId),
    });
    expect(await ops(world, ['requests', 'retry', second.requestId])).toMatchObject({ code: 0 });
    expect(await expectPromiseKept(world, { purchases: [first, second, third] })).toEqual({ orphans: 0, repeats: 0 });
  });

  test('and is posted again, once the cause is mended, gets its link: 202 "queued" is true', async () => {
    const world = await startedWorld({ MAX_ATTEMPTS: '2', BASE_BACKOFF_SEC: '0.1' });
    refuseLinks(world, { kind: 'answer', status: 500, body: 'oops' });
    const purchase = await buy(world.url, { userId: 'patient', transactionId: 't' });
    await statusReached(world, purchase.requestId, { status: 'FAILED', attempts: 2 });
    await eventually(() =>
      world.process.logged('delivery').some(({ source }) => source === 'intake-service-dead-letters'),
    );
    world.telegram.faults.clear();
    expect(await buy(world.url, { userId: 'patient', transactionId: 't' })).toEqual(purchase);
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats: 0 });
    expect(await statusOf(world.url, purchase.requestId)).toMatchObject({ status: 'DONE', attempts: 1 });
    expect(await world.process.stop()).toEqual({ code: 0, signal: null });
    expect((await storedDocuments(world.dataDir)).dead_letters).toMatchObject([{ status: 'retried' }]);
  });

  test.each<['before' | 'after', string, number]>([
    ['before', 'update invite_requests', 2],
    ['after', 'update invite_requests', 2],
    ['before', 'publish dead-letters', 1],
    ['after', 'publish dead-letters', 1],
    ['before', 'create dead_letters', 1],
    ['after', 'create dead_letters', 1],
  ])('becomes one dead letter, though the process dies %s "%s"', async (moment, operation, call) => {
    const world = await openWorld({ settings: { MAX_ATTEMPTS: '2', BASE_BACKOFF_SEC: '0.1' } });
    const fragile = await world.start({ crashAt: { moment, operation, call } });
    refuseLinks(world, { kind: 'answer', status: 500, body: 'oops' });
    const purchase = await buy(world.url, { userId: 'hopeless', transactionId: 't' });
    await fragile.exited;
    await world.start();
    await statusReached(world, purchase.requestId, { status: 'FAILED', attempts: 2 });
    await eventually(() =>
      world.process.logged('delivery').some(({ source }) => source === 'intake-service-dead-letters'),
    );
    expect(await world.process.stop()).toEqual({ code: 0, signal: null });
    expect((await storedDocuments(world.dataDir)).dead_letters).toHaveLength(1);
  });
});
