import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { botCall, CHAT_ID, createLink, startTelegram } from '../testing/bot-calls.ts';
import { ADMIN } from './standing.ts';
import type { TelegramSimulator } from './telegram-simulator.ts';

const BOT_ID = 123456;
const GROUP = -4_000_001;

let telegram: TelegramSimulator;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  telegram = await startTelegram({
    clock,
    chats: [
      { chatId: GROUP, title: 'Friends', kind: 'group', bots: [{ botId: BOT_ID, standing: 'inviting_administrator' }] },
    ],
  });
  await botCall(telegram, 'getUpdates', { allowed_updates: ['chat_member'] });
});
afterEach(() => telegram.close());

const unban = async (user_id: number, more: object = {}): Promise<unknown> => {
  const parameters = { chat_id: CHAT_ID, user_id, ...more };
  const { status, result, description } = await botCall(telegram, 'unbanChatMember', parameters);
  return status === 200 ? result : description;
};
const statusOf = async (user_id: number): Promise<unknown> =>
  (await botCall(telegram, 'getChatMember', { chat_id: CHAT_ID, user_id })).result;
/** From which status to which, by whom. */
const changes = (): unknown[] =>
  telegram.updates.pending().map(({ chat_member }) => {
    const { from, old_chat_member, new_chat_member } = chat_member as Record<string, { status: string; id: number }>;
    return [old_chat_member?.status, new_chat_member?.status, from?.id];
  });

test('somebody inside is out after one call, is not banned, and can come in again', async () => {
  const inviteLink = await createLink(telegram, { member_limit: 1 });
  telegram.join({ inviteLink, telegramUserId: 42 });
  expect(await unban(42)).toBe(true);
  expect(telegram.chat(CHAT_ID).insiders).toEqual([]);
  expect(await statusOf(42)).toMatchObject({ status: 'left' });
  expect(changes()).toEqual([
    ['left', 'member', 42],
    ['member', 'kicked', BOT_ID],
    ['kicked', 'left', BOT_ID],
  ]);
  expect(telegram.updates.pending()[1]).toMatchObject({
    chat_member: { new_chat_member: { until_date: clock.now() / 1000 + 60 } },
  });
  // The place of the link is free again, too.
  expect(telegram.join({ inviteLink, telegramUserId: 43 })).toMatchObject({ ok: true });
});

test('somebody who is out stays out, and no update tells of the call', async () => {
  expect(await unban(42)).toBe(true);
  expect(changes()).toEqual([]);
});

test('restrictions end with the removal, of somebody who is out as well', async () => {
  telegram.addWithoutLink({ telegramUserId: 42 });
  telegram.restrict(42);
  telegram.leave(42);
  expect(await statusOf(42)).toMatchObject({ status: 'restricted', is_member: false });
  expect(await unban(42)).toBe(true);
  expect(changes().at(-1)).toEqual(['restricted', 'left', BOT_ID]);
});

test('with only_if_banned a ban ends, and nobody is removed', async () => {
  telegram.addWithoutLink({ telegramUserId: 1 });
  telegram.addWithoutLink({ telegramUserId: 2 });
  telegram.ban(2);
  for (const id of [1, 2]) expect(await unban(id, { only_if_banned: true })).toBe(true);
  expect(telegram.chat(CHAT_ID).insiders).toEqual([1]);
  expect(changes().slice(-2)).toEqual([
    ['member', 'kicked', ADMIN.id],
    ['kicked', 'left', BOT_ID],
  ]);
});

test('an administrator lifts a ban', () => {
  telegram.addWithoutLink({ telegramUserId: 42 });
  telegram.ban(42);
  telegram.unban(42);
  expect(changes().at(-1)).toEqual(['kicked', 'left', ADMIN.id]);
  expect(telegram.addWithoutLink({ telegramUserId: 42 })).toMatchObject({ ok: true });
});

describe('refused', () => {
  test('the owner, an administrator, and the bot itself', async () => {
    telegram.addWithoutLink({ telegramUserId: 42 });
    telegram.promote(42);
    expect(await statusOf(ADMIN.id)).toMatchObject({ status: 'creator' });
    expect(await unban(ADMIN.id)).toBe("Bad Request: can't remove chat owner");
    expect(await unban(42)).toBe('Bad Request: user is an administrator of the chat');
    expect(await unban(BOT_ID)).toBe("Bad Request: can't restrict self");
    expect(telegram.chat(CHAT_ID).insiders).toEqual([42]);
  });

  test('a bot that may invite and not restrict, a basic group, and a call that names nobody', async () => {
    expect(await unban(42, { chat_id: GROUP })).toBe(
      'Bad Request: method is available for supergroup and channel chats only',
    );
    expect(await unban(42, { user_id: 'somebody' })).toBe('Bad Request: invalid user_id specified');
    telegram.setBotStanding({ rights: ['can_invite_users'] });
    expect(await unban(42)).toBe('Bad Request: not enough rights to restrict/unrestrict chat member');
  });
});
