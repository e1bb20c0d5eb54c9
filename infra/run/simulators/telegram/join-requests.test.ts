import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { botCall, CHAT_ID, createLink, startTelegram } from '../testing/bot-calls.ts';
import type { TelegramSimulator } from './telegram-simulator.ts';

const BOT_ID = 123456;
const user = { id: 42, is_bot: false, first_name: 'Buyer' };

let telegram: TelegramSimulator;
let clock: ManualClock;
let inviteLink: string;
beforeEach(async () => {
  clock = new ManualClock();
  telegram = await startTelegram({ clock });
  await botCall(telegram, 'getUpdates', { allowed_updates: ['chat_member', 'chat_join_request'] });
  inviteLink = await createLink(telegram, { name: 'order 1', creates_join_request: true });
});
afterEach(() => telegram.close());

const ask = (telegramUserId = 42): unknown => telegram.join({ inviteLink, telegramUserId });
const answer = async (method: string, user_id = 42): Promise<unknown> => {
  const { status, result, description } = await botCall(telegram, method, { chat_id: CHAT_ID, user_id });
  return status === 200 ? result : description;
};
const updates = (): unknown[] => telegram.updates.pending();

test('a link that asks for approval lets nobody in, and tells who asked, when, and by which link', () => {
  expect(ask()).toEqual({ ok: false, reason: 'request_sent', telegramUserId: 42 });
  expect(telegram.chat(CHAT_ID)).toMatchObject({ insiders: [], askers: [42] });
  expect(updates()).toEqual([
    {
      update_id: expect.any(Number),
      chat_join_request: {
        chat: { id: CHAT_ID, title: 'Paid community', type: 'supergroup' },
        from: user,
        user_chat_id: 42,
        date: clock.now() / 1000,
        invite_link: expect.objectContaining({
          invite_link: inviteLink,
          creates_join_request: true,
          pending_join_request_count: 1,
        }),
      },
    },
  ]);
});

test('who is approved is in, by the hand of the bot, through the link; there is no limit of members', async () => {
  for (const id of [42, 43]) {
    ask(id);
    expect(await answer('approveChatJoinRequest', id)).toBe(true);
  }
  expect(telegram.chat(CHAT_ID)).toMatchObject({ insiders: [42, 43], askers: [] });
  expect(telegram.links.get(inviteLink)).toMatchObject({ uses: 2, present: 2, asking: 0 });
  expect(updates()[1]).toMatchObject({
    chat_member: {
      from: { id: BOT_ID, is_bot: true },
      old_chat_member: { status: 'left' },
      new_chat_member: { user, status: 'member' },
      invite_link: { invite_link: inviteLink },
    },
  });
});

test('who is declined stays out without an update, and may ask again', async () => {
  ask();
  expect(await answer('declineChatJoinRequest')).toBe(true);
  expect(telegram.chat(CHAT_ID)).toMatchObject({ insiders: [], askers: [] });
  expect(updates()).toHaveLength(1);
  expect(ask()).toMatchObject({ reason: 'request_sent' });
});

test('who asks without a link comes in by a request, as the update says', async () => {
  expect(telegram.chat(CHAT_ID).ask({ telegramUserId: 42 })).toMatchObject({ reason: 'request_sent' });
  expect(updates()[0]).toMatchObject({ chat_join_request: expect.not.objectContaining({ invite_link: {} }) });
  await answer('approveChatJoinRequest');
  expect(updates()[1]).toMatchObject({ chat_member: { via_join_request: true } });
});

test('an administrator answers too: the update names the administrator', () => {
  ask();
  telegram.chat(CHAT_ID).approve(42);
  expect(updates()[1]).toMatchObject({ chat_member: { from: { is_bot: false, first_name: 'Admin' } } });
  ask(43);
  telegram.chat(CHAT_ID).decline(43);
  expect(telegram.chat(CHAT_ID)).toMatchObject({ insiders: [42], askers: [] });
});

describe('an answer that is refused', () => {
  test.each(['approveChatJoinRequest', 'declineChatJoinRequest'])('%s', async (method) => {
    expect(await answer(method)).toBe('Bad Request: HIDE_REQUESTER_MISSING');
    ask();
    telegram.chat(CHAT_ID).approve(42);
    expect(await answer(method)).toBe('Bad Request: USER_ALREADY_PARTICIPANT');
    telegram.setBotStanding({ rights: ['can_restrict_members'] });
    ask(43);
    expect(await answer(method, 43)).toBe('Bad Request: not enough rights to manage chat join requests');
    expect(telegram.chat(CHAT_ID).askers).toEqual([43]);
  });
});

test('a bot that may not invite is not told who asks', () => {
  telegram.setBotStanding('administrator');
  ask();
  expect(updates()).toEqual([]);
});

test('a banned person, a member, and a revoked link send no request', async () => {
  telegram.addWithoutLink({ telegramUserId: 1 });
  telegram.addWithoutLink({ telegramUserId: 2 });
  telegram.ban(2);
  expect([ask(1), ask(2)]).toMatchObject([{ reason: 'already_member' }, { reason: 'banned' }]);
  await botCall(telegram, 'revokeChatInviteLink', { chat_id: CHAT_ID, invite_link: inviteLink });
  expect(ask()).toMatchObject({ reason: 'revoked' });
});

test('the limit of members does not go with approval', async () => {
  const { description } = await botCall(telegram, 'createChatInviteLink', {
    chat_id: CHAT_ID,
    creates_join_request: true,
    member_limit: 1,
  });
  expect(description).toBe("Bad Request: member limit can't be specified for links requiring administrator approval");
});
