import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy } from './harness/buyer.ts';
import { CHAT_ID } from './harness/credentials.ts';
import { ops } from './harness/ops.ts';
import { expectPromiseKept, linkInMessage } from './harness/promise.ts';
import { storedDocuments } from './harness/stored.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

// Nobody asks for anything here: what drifts is seen by the system itself.

afterEach(closeWorlds);

interface HealthLine {
  readonly level: string;
  readonly service: string;
  readonly failing?: readonly { readonly check: string; readonly meaning: string }[];
  readonly mended?: readonly { readonly check: string }[];
}

function healthLines(world: World): readonly HealthLine[] {
  const lines = world.printed.split('\n').filter((line) => line.includes('"message":"health: '));
  return lines.map((line) => JSON.parse(line) as HealthLine);
}

function expectOneLineEach(world: World, check: string, service: string): void {
  expect(
    healthLines(world).map(({ level, service: by, failing = [], mended = [] }) => [
      level,
      by,
      [...failing, ...mended].map((finding) => finding.check),
    ]),
  ).toEqual([
    ['error', service, [check]],
    ['info', service, [check]],
  ]);
}

describe('the bot loses its rights', () => {
  test.each(['administrator', 'member', 'kicked', 'left'] as const)(
    'and is %s: raised at once, once, and so is their return',
    async (standing) => {
      // Ten minutes until the next periodic look: what is seen here, my_chat_member has told.
      const world = await openWorld();
      await world.start();
      world.telegram.setBotStanding(standing);
      await eventually(() => healthLines(world).length === 1);
      const [raised] = healthLines(world);
      expect(raised).toMatchObject({ level: 'error', service: 'link-worker' });
      expect(raised?.failing?.map(({ check }) => check)).toContain('bot_rights');
      world.telegram.setBotStanding('inviting_administrator');
      await eventually(() => healthLines(world).length === 2);
      expect(healthLines(world)[1]).toMatchObject({
        level: 'info',
        mended: expect.arrayContaining([expect.objectContaining({ check: 'bot_rights' })]),
      });
    },
  );

  test('and gets them back: the purchases that waited are tried at once, with any backoff', async () => {
    const world = await openWorld({ settings: { BASE_BACKOFF_SEC: '3600' } });
    await world.start();
    world.telegram.setBotStanding('administrator');
    await eventually(() => healthLines(world).length === 1);
    const purchases = [
      await buy(world.url, { userId: 'a', transactionId: 't' }),
      await buy(world.url, { userId: 'b', transactionId: 't' }),
    ];
    await eventually(() => world.process.logged('link call').length === 2);
    const story = await ops(world, ['show', purchases[0]?.requestId ?? '']);
    expect(story.stdout).toMatch(
      /advice +In the chat, make the bot an administrator with the right "Invite users via link"/,
    );
    expect((await ops(world, ['doctor'])).stdout).toMatch(
      /purchases_waiting .*2 purchases wait for another attempt; 2 of them because: The bot may not make links/,
    );
    world.telegram.setBotStanding('inviting_administrator');
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
  });

  test('in a group of somebody else, which is no news', async () => {
    const world = await openWorld();
    await world.start();
    const calls = world.telegram.calls.of('getChatMember');
    const user = { id: 4_400_000_042, is_bot: true, first_name: 'bot' };
    const change = {
      chat: { id: -5, type: 'group' },
      from: user,
      date: 1_790_000_000,
      old_chat_member: { user, status: 'administrator' },
      new_chat_member: { user, status: 'left' },
    };
    world.telegram.injectUpdate({ my_chat_member: change });
    await eventually(() => expect(world.printed).toMatch(/link-worker-health-checks.*acknowledged/));
    expect(world.telegram.calls.of('getChatMember')).toBe(calls);
    expect(healthLines(world)).toEqual([]);
  });
});

describe('the periodic look', () => {
  const settings = { HEALTH_CHECK_MINUTES: '0.005' };

  test('sees a webhook that somebody else has set, in one error line, and its return in one info line', async () => {
    const world = await openWorld({ settings });
    await world.start();
    world.telegram.setForeignWebhook({
      url: 'http://127.0.0.1:1/elsewhere',
      allowedUpdates: ['chat_member', 'my_chat_member', 'chat_join_request'],
    });
    await eventually(() => healthLines(world).length === 1);
    // Several looks later it is no news any more, not even after a restart.
    const looks = world.telegram.calls.of('getWebhookInfo');
    await eventually(() => world.telegram.calls.of('getWebhookInfo') > looks + 3);
    expect(await world.process.stop()).toEqual({ code: 0, signal: null });
    await world.start();
    await eventually(() => healthLines(world).length === 2);
    expectOneLineEach(world, 'webhook_url', 'link-worker');
  });

  test('sees a key that WebEngage refuses any more, and that it is taken again', async () => {
    const world = await openWorld({ settings });
    await world.start();
    world.webengage.faults.behaviour = () => ({
      kind: 'answer',
      status: 401,
      body: { response: { status: 'error', message: 'Invalid API key' } },
    });
    await eventually(() => healthLines(world).length === 1);
    world.webengage.faults.clear();
    await eventually(() => healthLines(world).length === 2);
    expectOneLineEach(world, 'webengage_credentials', 'event-emitter');
    expect(world.webengage.eventCount).toBe(0);
  });
});

describe('a group that becomes a supergroup', () => {
  test('is followed by the call that meets it: no attempt fails, and a restart knows it', async () => {
    const world = await openWorld();
    await world.start();
    const first = await buy(world.url, { userId: 'before', transactionId: 't' });
    await linkInMessage(world, first);
    const chatId = String(world.telegram.migrateChat());
    const second = await buy(world.url, { userId: 'during', transactionId: 't' });
    const inviteLink = await linkInMessage(world, second);
    expect(world.telegram.calls.of('createChatInviteLink')).toBe(3);
    expect(world.printed).toContain(`set TELEGRAM_CHAT_ID to ${chatId}`);

    expect(await world.process.stop()).toEqual({ code: 0, signal: null });
    expect(await storedDocuments(world.dataDir)).toMatchObject({
      chat_migrations: [{ chatId }],
      invite_requests: expect.arrayContaining([
        expect.objectContaining({ requestId: second.requestId, attempts: 1, status: 'DONE', telegramChatId: chatId }),
      ]),
      dead_letters: [],
    });
    await world.start();
    const third = await buy(world.url, { userId: 'after', transactionId: 't' });
    await linkInMessage(world, third);
    // The old id is not tried again.
    expect(world.telegram.calls.of('createChatInviteLink')).toBe(4);
    const joined = world.telegram.join({ inviteLink });
    if (!joined.ok) throw new Error(`Nobody could join: ${joined.reason}`);
    const joins = [{ purchase: second, telegramUserId: joined.telegramUserId }];
    expect(await expectPromiseKept(world, { purchases: [first, second, third], joins })).toEqual({
      orphans: 0,
      repeats: 0,
    });
    expect(CHAT_ID).not.toBe(world.telegram.chatId);
  });
});
