import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { botCall, CHAT_ID, createLink, startTelegram } from '../testing/bot-calls.ts';
import type { TelegramSimulator } from './telegram-simulator.ts';

let telegram: TelegramSimulator;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  telegram = await startTelegram({ clock });
  await botCall(telegram, 'getUpdates', { allowed_updates: ['chat_member'] });
});
afterEach(() => telegram.close());

const lastChange = (): unknown => telegram.updates.pending().at(-1)?.['chat_member'];

describe('coming in', () => {
  test('a join through a link of the bot shows the whole link and its name', async () => {
    const inviteLink = await createLink(telegram, { name: 'order 1', member_limit: 1 });
    expect(telegram.join({ inviteLink, telegramUserId: 42, firstName: 'Asha' })).toEqual({
      ok: true,
      telegramUserId: 42,
    });
    const user = { id: 42, is_bot: false, first_name: 'Asha' };
    expect(lastChange()).toEqual({
      chat: { id: CHAT_ID, title: 'Paid community', type: 'supergroup' },
      from: user,
      date: clock.now() / 1000,
      old_chat_member: { user, status: 'left' },
      new_chat_member: { user, status: 'member' },
      invite_link: expect.objectContaining({ invite_link: inviteLink, name: 'order 1', member_limit: 1 }),
    });
  });

  test("a join through another administrator's link shows it cut", () => {
    telegram.joinByForeignLink({ telegramUserId: 42 });
    expect(lastChange()).toMatchObject({
      invite_link: { invite_link: expect.stringMatching(/^https:\/\/t\.me\/\+.+\.\.\.$/) },
    });
  });

  test('somebody added by an administrator comes without a link', () => {
    telegram.addWithoutLink({ telegramUserId: 42 });
    expect(lastChange()).toMatchObject({
      from: { first_name: 'Admin' },
      new_chat_member: { status: 'member', user: { id: 42 } },
    });
    expect(lastChange()).not.toHaveProperty('invite_link');
  });

  test('a person without a number gets one that no 32-bit integer holds', async () => {
    const outcome = telegram.join({ inviteLink: await createLink(telegram) });
    expect(outcome).toEqual({ ok: true, telegramUserId: expect.any(Number) });
    expect(outcome.ok && outcome.telegramUserId > 2 ** 32).toBe(true);
  });
});

describe('being kept out', () => {
  const reasonOf = (inviteLink: string, telegramUserId: number): unknown =>
    telegram.join({ inviteLink, telegramUserId });

  test('a link with one place lets one person in, and the next one when that person has left', async () => {
    const inviteLink = await createLink(telegram, { member_limit: 1 });
    expect(reasonOf(inviteLink, 1)).toMatchObject({ ok: true });
    expect(reasonOf(inviteLink, 2)).toEqual({ ok: false, reason: 'limit_reached' });
    telegram.leave(1);
    expect(reasonOf(inviteLink, 2)).toMatchObject({ ok: true });
    expect(telegram.links.get(inviteLink)).toMatchObject({ uses: 2, present: 1 });
  });

  test('a promoted or restricted person keeps the place, and a banned one frees it', async () => {
    const inviteLink = await createLink(telegram, { member_limit: 1 });
    telegram.join({ inviteLink, telegramUserId: 1 });
    telegram.promote(1);
    telegram.restrict(1);
    expect(reasonOf(inviteLink, 2)).toEqual({ ok: false, reason: 'limit_reached' });
    telegram.ban(1);
    expect(reasonOf(inviteLink, 1)).toEqual({ ok: false, reason: 'banned' });
    expect(reasonOf(inviteLink, 2)).toMatchObject({ ok: true });
  });

  test('a revoked, an expired and an unknown link let nobody in', async () => {
    const revoked = await createLink(telegram);
    await botCall(telegram, 'revokeChatInviteLink', { chat_id: CHAT_ID, invite_link: revoked });
    const expiring = await createLink(telegram, { expire_date: clock.now() / 1000 + 60 });
    expect(reasonOf(expiring, 1)).toMatchObject({ ok: true });
    clock.advance(60_000);
    expect(reasonOf(revoked, 2)).toEqual({ ok: false, reason: 'revoked' });
    expect(reasonOf(expiring, 2)).toEqual({ ok: false, reason: 'expired' });
    expect(reasonOf('https://t.me/+nobody', 2)).toEqual({ ok: false, reason: 'unknown_link' });
  });

  test('a member cannot join again', async () => {
    const inviteLink = await createLink(telegram);
    telegram.join({ inviteLink, telegramUserId: 1 });
    expect(reasonOf(inviteLink, 1)).toEqual({ ok: false, reason: 'already_member' });
  });

  test('a refused join makes no update and counts nowhere', () => {
    reasonOf('https://t.me/+nobody', 1);
    expect(telegram.updates.pendingCount).toBe(0);
    expect(telegram.joins).toBe(0);
  });
});

describe('changes of members', () => {
  beforeEach(() => {
    telegram.addWithoutLink({ telegramUserId: 42 });
  });

  test.each([
    ['leave', 'left'],
    ['promote', 'administrator'],
    ['ban', 'kicked'],
  ] as const)('%s turns a member into %s', (action, status) => {
    telegram[action](42);
    expect(lastChange()).toMatchObject({ old_chat_member: { status: 'member' }, new_chat_member: { status } });
    expect(lastChange()).not.toHaveProperty('invite_link');
  });

  test('a restricted person stays in, goes out and comes back restricted', async () => {
    telegram.restrict(42);
    expect(lastChange()).toMatchObject({ new_chat_member: { status: 'restricted', is_member: true } });
    telegram.leave(42);
    expect(lastChange()).toMatchObject({ new_chat_member: { status: 'restricted', is_member: false } });
    telegram.join({ inviteLink: await createLink(telegram), telegramUserId: 42 });
    expect(lastChange()).toMatchObject({
      old_chat_member: { status: 'restricted', is_member: false },
      new_chat_member: { status: 'restricted', is_member: true },
    });
  });

  test('nothing happens to somebody who is not there', () => {
    expect(() => telegram.leave(7)).toThrow('not in the chat');
    expect(() => telegram.promote(7)).toThrow('not in the chat');
  });
});
