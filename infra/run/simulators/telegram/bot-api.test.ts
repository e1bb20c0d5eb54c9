import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BOT_TOKEN, botCall, CHAT_ID, createLink, readBotAnswer, startTelegram } from '../testing/bot-calls.ts';
import type { TelegramSimulator } from './telegram-simulator.ts';

let telegram: TelegramSimulator;
beforeEach(async () => {
  telegram = await startTelegram();
});
afterEach(() => telegram.close());

describe('calls', () => {
  test('a wrong token is unauthorized', async () => {
    const answer = await readBotAnswer(await fetch(`${telegram.url}/bot1:wrong/getMe`));
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ ok: false, error_code: 401, description: 'Unauthorized' });
  });

  test('an unknown method, and a path that is no call, are not found', async () => {
    expect((await botCall(telegram, 'sendNothing')).status).toBe(404);
    expect((await fetch(`${telegram.url}/`)).status).toBe(404);
  });

  test('parameters come as JSON, as a form, or in the query, and method names in any case', async () => {
    const base = `${telegram.url}/bot${BOT_TOKEN}`;
    await botCall(telegram, 'createChatInviteLink', { chat_id: CHAT_ID, name: 'json', member_limit: 3 });
    await fetch(`${base}/CREATECHATINVITELINK`, {
      method: 'POST',
      body: new URLSearchParams({ chat_id: String(CHAT_ID), name: 'form', member_limit: '3' }),
    });
    await fetch(
      `${base}/createChatInviteLink?${new URLSearchParams({ chat_id: String(CHAT_ID), name: 'query', member_limit: '3' }).toString()}`,
    );
    expect([...telegram.links.all()].map(({ name, memberLimit }) => `${name} ${memberLimit}`)).toEqual([
      'json 3',
      'form 3',
      'query 3',
    ]);
    expect(telegram.calls.of('createChatInviteLink')).toBe(3);
  });

  test('a body that is no JSON object is a bad request', async () => {
    const answer = await botCall(telegram, 'getMe', {}, { body: '{' });
    expect(answer.status).toBe(400);
    expect(answer.ok).toBe(false);
  });

  test('getMe tells the bot, whose id is in its token', async () => {
    expect((await botCall(telegram, 'getMe')).result).toMatchObject({ id: 123456, is_bot: true });
  });

  test('getChat knows the one chat', async () => {
    expect((await botCall(telegram, 'getChat', { chat_id: CHAT_ID })).result).toMatchObject({
      id: CHAT_ID,
      type: 'supergroup',
    });
    const other = await botCall(telegram, 'getChat', { chat_id: -1 });
    expect([other.status, other.description]).toEqual([400, 'Bad Request: chat not found']);
  });

  test('getChatMember shows the bot as an administrator who may invite', async () => {
    const { result } = await botCall(telegram, 'getChatMember', { chat_id: CHAT_ID, user_id: 123456 });
    expect(result).toMatchObject({ status: 'administrator', can_invite_users: true });
  });

  test('getChatMember follows what people do', async () => {
    const statusOf = async (userId: number): Promise<unknown> =>
      (await botCall(telegram, 'getChatMember', { chat_id: CHAT_ID, user_id: userId })).result;
    expect(await statusOf(42)).toMatchObject({ status: 'left' });
    telegram.addWithoutLink({ telegramUserId: 42 });
    expect(await statusOf(42)).toMatchObject({ status: 'member' });
    telegram.ban(42);
    expect(await statusOf(42)).toMatchObject({ status: 'kicked' });
  });
});

describe('invite links', () => {
  test('a created link carries what was asked for', async () => {
    const { result } = await botCall(telegram, 'createChatInviteLink', {
      chat_id: CHAT_ID,
      name: 'order 1',
      member_limit: 1,
      expire_date: 2_000_000_000,
    });
    expect(result).toEqual({
      invite_link: expect.stringMatching(/^https:\/\/t\.me\/\+[\w-]{16}$/),
      name: 'order 1',
      creator: expect.objectContaining({ id: 123456, is_bot: true }),
      creates_join_request: false,
      is_primary: false,
      is_revoked: false,
      member_limit: 1,
      expire_date: 2_000_000_000,
    });
  });

  test('the same call again makes a second live link', async () => {
    expect(await createLink(telegram, { name: 'same' })).not.toBe(await createLink(telegram, { name: 'same' }));
    expect(telegram.links.named('same')).toHaveLength(2);
  });

  test('a name is cut at 32 characters without a word', async () => {
    const link = await createLink(telegram, { name: `${'a'.repeat(31)}😀bc` });
    expect(telegram.links.get(link)?.name).toBe(`${'a'.repeat(31)}😀`);
  });

  test.each([
    [undefined, 0],
    [0, 0],
    [1, 1],
    [100_000, 99_999],
  ])('a member limit of %p becomes %p', async (memberLimit, expected) => {
    const link = await createLink(telegram, { member_limit: memberLimit });
    expect(telegram.links.get(link)?.memberLimit).toBe(expected);
  });

  test('a bot that was logged out is refused in every call, in the words of the real server', async () => {
    expect((await botCall(telegram, 'logOut')).result).toBe(true);
    const answer = await botCall(telegram, 'getMe');
    expect([answer.status, answer.description]).toEqual([400, 'Logged out']);
  });

  test('a member limit and approval exclude each other', async () => {
    const answer = await botCall(telegram, 'createChatInviteLink', {
      chat_id: CHAT_ID,
      member_limit: 1,
      creates_join_request: true,
    });
    expect(answer.status).toBe(400);
    expect(telegram.links.size).toBe(0);
  });

  test('another chat is not found, and a missing one is missed', async () => {
    const other = await botCall(telegram, 'createChatInviteLink', { chat_id: -5 });
    expect([other.status, other.description]).toEqual([400, 'Bad Request: chat not found']);
    expect((await botCall(telegram, 'createChatInviteLink')).description).toBe('Bad Request: chat_id is empty');
  });

  test('a link is revoked once', async () => {
    const parameters = { chat_id: CHAT_ID, invite_link: await createLink(telegram) };
    expect((await botCall(telegram, 'revokeChatInviteLink', parameters)).result).toMatchObject({ is_revoked: true });
    const again = await botCall(telegram, 'revokeChatInviteLink', parameters);
    expect([again.status, again.description]).toEqual([400, 'Bad Request: INVITE_REVOKED_MISSING']);
  });

  test("a link that is not the bot's cannot be revoked", async () => {
    expect(
      (await botCall(telegram, 'revokeChatInviteLink', { chat_id: CHAT_ID, invite_link: 'https://t.me/+other' }))
        .status,
    ).toBe(400);
  });
});
