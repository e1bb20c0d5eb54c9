import { afterEach, describe, expect, test } from '@jest/globals';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { updateDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { Fault } from '../../run/simulators/http/faults.ts';
import { buy, purchaseBodies, statusOf } from './harness/buyer.ts';
import { BOT_TOKEN, CHAT_ID } from './harness/credentials.ts';
import { send } from './harness/http.ts';
import { ops } from './harness/ops.ts';
import { eventsOf, join, linkInMessage } from './harness/promise.ts';
import { LINK_CREATED, type Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

/** What Telegram says instead of making a link. */
function refusal(status: number, description: string): Fault {
  return { kind: 'answer', status, body: { ok: false, error_code: status, description } };
}

/** What `ops show --json` tells, in short. */
async function storyOf(world: World, requestId: string): Promise<readonly string[]> {
  const shown = await ops(world, ['show', requestId, '--json']);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  return (shown.json as { readonly timeline: readonly { readonly what: string }[] }).timeline.map(({ what }) => what);
}

async function inState(world: World, purchases: readonly Purchase[], status: string): Promise<void> {
  await eventually(
    async () => {
      for (const { requestId } of purchases) expect(await statusOf(world.url, requestId)).toMatchObject({ status });
    },
    { intervalMs: 50 },
  );
}

describe('look-up', () => {
  test('by request, user, transaction, link, its hash, and Telegram user: the whole story', async () => {
    const world = await openWorld();
    await world.start();
    world.telegram.faults.next('createChatInviteLink', refusal(500, 'Internal Server Error'));
    const purchase = await buy(world.url, { userId: 'look-up-user', transactionId: 'look-up-txn' });
    const inviteLink = await linkInMessage(world, purchase);
    const { telegramUserId } = await join(world, purchase);
    await eventually(async () =>
      expect(await statusOf(world.url, purchase.requestId)).toMatchObject({ joinEventFired: true }),
    );

    expect(await storyOf(world, purchase.requestId)).toEqual([
      'accepted',
      'attempt failed',
      'link created',
      'link event sent',
      'joined',
      'joined event sent',
    ]);
    const told = await ops(world, ['show', inviteLink]);
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toMatch(/attempt failed\s+telegram_500: Telegram answered 500/);
    expect(told.stdout).toContain(`Telegram user ${telegramUserId}`);

    const ways = [
      ['--user', 'look-up-user'],
      ['--transaction', 'look-up-txn'],
      ['--link', inviteLink],
      ['--telegram-user', String(telegramUserId)],
    ];
    for (const way of ways) {
      expect((await ops(world, ['find', ...way, '--json'])).json).toMatchObject({
        requests: [{ requestId: purchase.requestId, status: 'DONE' }],
      });
    }
    expect(await ops(world, ['find', '--user', 'nobody'])).toMatchObject({ code: 1, stdout: 'No purchases match.\n' });
    expect(await ops(world, ['find'])).toMatchObject({ code: 2, stderr: expect.stringContaining('Find by what') });
    expect(await ops(world, ['show', '01234567-89ab-8def-8123-456789abcdef'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing is known of such a request'),
    });
    expect(await ops(world, ['show', 'look-up-user'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('find --user'),
    });
  });
});

describe('requests that are not on their way', () => {
  test('FAILED ones are retried, all at once: each gets its link, and its dead letter is settled', async () => {
    const world = await openWorld({ settings: { MAX_ATTEMPTS: '2', BASE_BACKOFF_SEC: '0.05' } });
    const system = await world.start();
    world.telegram.faults.next(
      'createChatInviteLink',
      ...Array.from({ length: 6 }, () => refusal(400, 'Bad Request: not enough rights to manage chat invite link')),
    );
    const purchases = await Promise.all(purchaseBodies('failed', 3).map((body) => buy(world.url, body)));
    await inState(world, purchases, 'FAILED');
    await eventually(async () =>
      expect((await ops(world, ['dead-letters', 'list', '--json', '--source', 'tg-invite-queue'])).json).toMatchObject({
        total: 3,
      }),
    );
    const listed = (await ops(world, ['requests', 'list', '--failed', '--json'])).json as {
      readonly requests: readonly object[];
    };
    expect(listed.requests).toHaveLength(3);

    expect(await ops(world, ['requests', 'retry'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Which ones?'),
    });
    expect(await ops(world, ['requests', 'retry', '--all'])).toMatchObject({
      code: 0,
      stdout: '3 retried, 0 skipped, 0 failed.\n',
    });
    await inState(world, purchases, 'DONE');
    for (const purchase of purchases) await linkInMessage(world, purchase);
    expect((await ops(world, ['dead-letters', 'list', '--json'])).json).toMatchObject({ total: 0 });
    expect(await storyOf(world, purchases[0]?.requestId ?? '')).toEqual([
      'accepted',
      'attempt failed',
      'attempt failed',
      'dead letter',
      'retried by operator',
      'link created',
      'link event sent',
    ]);
    expect(await ops(world, ['requests', 'retry', '--all'])).toMatchObject({
      code: 0,
      stdout: '0 retried, 0 skipped, 0 failed.\n',
    });
    expect(world.telegram.links.size).toBe(3);
    expect(system.logged('operator action')).toContainEqual(
      expect.objectContaining({
        operator: 'ada',
        action: 'requests.retry',
        done: 3,
        skipped: 0,
        failed: 0,
        outcome: 'done',
      }),
    );
  });

  test('one whose task was lost is requeued, though its name is still taken', async () => {
    const world = await openWorld({ settings: { BASE_BACKOFF_SEC: '600' } });
    const backend = await world.startInProcess();
    await eventually(() => world.telegram.calls.of('setWebhook') === 1);
    world.telegram.faults.next('createChatInviteLink', refusal(500, 'Internal Server Error'));
    const purchase = await buy(world.url, { userId: 'stuck', transactionId: 'stuck' });
    await inState(world, [purchase], 'PROCESSING');
    // As if its follow-up had been lost two hours ago; the task itself still waits for ten minutes, and finds that it
    // is superseded.
    const read = await backend.store.get(inviteRequests, purchase.requestId);
    if (read === undefined) throw new Error('There is no request');
    await backend.store.commit([
      updateDocument(inviteRequests, read, {
        ...read.data,
        nextAttemptAt: new Date(Date.now() - 2 * 3_600_000).toISOString(),
      }),
    ]);
    expect((await ops(world, ['requests', 'list', '--stuck', '--json'])).json).toMatchObject({
      requests: [{ requestId: purchase.requestId, attempts: 1 }],
    });
    expect(await ops(world, ['requests', 'requeue', '--all', '--stuck-for', '3h'])).toMatchObject({
      code: 0,
      stdout: '0 requeued, 0 skipped, 0 failed.\n',
    });
    expect((await ops(world, ['requests', 'requeue', '--all', '--json'])).json).toEqual({
      requeued: 1,
      skipped: [],
      failed: [],
    });
    await inState(world, [purchase], 'DONE');
    expect(world.telegram.links.size).toBe(1);
  });
});

describe('another link', () => {
  test('the old one is revoked first, the buyer is told the new one, and a join through either counts once', async () => {
    const world = await openWorld();
    await world.start();
    const purchase = await buy(world.url, { userId: 'reissue', transactionId: 'reissue' });
    const first = await linkInMessage(world, purchase);
    expect(await ops(world, ['requests', 'reissue', purchase.requestId])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('add --yes'),
    });
    expect(await ops(world, ['requests', 'reissue', purchase.requestId, '--yes'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('link number 2'),
    });
    await eventually(() => expect(eventsOf(world, LINK_CREATED)).toHaveLength(2));
    const second = String(eventsOf(world, LINK_CREATED)[1]?.eventData['inviteLink']);
    expect(second).not.toBe(first);
    expect(world.telegram.links.get(first)).toMatchObject({ revoked: true });
    expect(world.telegram.links.get(second)).toMatchObject({ revoked: false, memberLimit: 1 });
    expect(world.telegram.join({ inviteLink: first })).toMatchObject({ ok: false });
    expect(world.telegram.join({ inviteLink: second })).toMatchObject({ ok: true });
    await eventually(async () =>
      expect(await statusOf(world.url, purchase.requestId)).toMatchObject({
        joinEventFired: true,
        inviteLink: second,
        weLinkEventFired: true,
      }),
    );
    expect(await storyOf(world, purchase.requestId)).toEqual([
      'accepted',
      'link created',
      'link event sent',
      'link revoked',
      'link created',
      'link event sent',
      'joined',
      'joined event sent',
    ]);
    // Both links lead to the story.
    for (const link of [first, second])
      expect((await ops(world, ['find', '--link', link, '--json'])).json).toMatchObject({
        requests: [{ requestId: purchase.requestId }],
      });

    const refused = await ops(world, ['requests', 'reissue', purchase.requestId, '--yes']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Somebody joined through the link') });
  });

  test('a link that was revoked by hand already is no obstacle', async () => {
    const world = await openWorld();
    await world.start();
    const purchase = await buy(world.url, { userId: 'by-hand', transactionId: 'by-hand' });
    const first = await linkInMessage(world, purchase);
    await send(
      `${world.telegram.url}/bot${BOT_TOKEN}/revokeChatInviteLink?chat_id=${CHAT_ID}&invite_link=${encodeURIComponent(first)}`,
    );
    expect(world.telegram.links.get(first)).toMatchObject({ revoked: true });
    expect(await ops(world, ['requests', 'reissue', purchase.requestId, '--yes'])).toMatchObject({ code: 0 });
    await eventually(() => expect(eventsOf(world, LINK_CREATED)).toHaveLength(2));
    expect(await statusOf(world.url, purchase.requestId)).toMatchObject({ status: 'DONE', attempts: 1 });
  });
});
