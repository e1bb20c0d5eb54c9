import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isObject } from './http/exchange.ts';
import { startSimulators } from './simulators.ts';
import type { Simulators, SimulatorsOptions } from './simulators.ts';
import { BOT_TOKEN, botCall, CHAT_ID, createLink } from './testing/bot-calls.ts';

let simulators: Simulators;
const options: SimulatorsOptions = {
  telegram: { botToken: BOT_TOKEN, chatId: CHAT_ID, linkCallsPerSecond: 'unlimited' },
  webengage: { licenseCode: 'licence', apiKey: 'key' },
};
beforeEach(async () => {
  simulators = await startSimulators(options);
});
afterEach(() => simulators.close());

async function control(
  method: 'GET' | 'POST',
  path: string,
  body?: string,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${simulators.url}/control/${path}`, {
    method,
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, body: await response.json() };
}
const join = (body: unknown): Promise<{ status: number; body: unknown }> =>
  control('POST', 'join', JSON.stringify(body));

test('one port serves both sides, each under its prefix', async () => {
  expect(simulators.telegram.url).toBe(`${simulators.url}/telegram`);
  expect(simulators.webengage.url).toBe(`${simulators.url}/webengage`);
  expect((await botCall(simulators.telegram, 'getMe')).status).toBe(200);
  const response = await fetch(`${simulators.webengage.url}/v1/accounts/licence/events`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: JSON.stringify({ userId: '1', eventName: 'visited' }),
  });
  expect(response.status).toBe(201);
});

test('anything else is not found, and says where to look', async () => {
  for (const path of ['/', '/telegrams', '/telegrambot']) {
    const response = await fetch(`${simulators.url}${path}`);
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('/control')]);
  }
  expect(await control('GET', 'join')).toMatchObject({ status: 404, body: { ok: false } });
});

test('a person joins from outside, by a number of their own or a new one', async () => {
  const inviteLink = await createLink(simulators.telegram, { member_limit: 2 });
  expect(await join({ inviteLink, telegramUserId: 42 })).toEqual({
    status: 200,
    body: { ok: true, telegramUserId: 42 },
  });
  expect(await join({ inviteLink })).toEqual({ status: 200, body: { ok: true, telegramUserId: expect.any(Number) } });
  expect(await join({ inviteLink })).toEqual({ status: 200, body: { ok: false, reason: 'limit_reached' } });
  expect(simulators.telegram.joins).toBe(2);
});

test('from outside the bot loses its rights, the group becomes a supergroup, and somebody else sets the webhook', async () => {
  const { telegram } = simulators;
  const newLink = async (): Promise<unknown> =>
    (await botCall(telegram, 'createChatInviteLink', { chat_id: telegram.chatId })).description;
  for (const [standing, description] of [
    ['administrator', 'Bad Request: not enough rights to manage chat invite link'],
    ['kicked', 'Forbidden: bot was kicked from the supergroup chat'],
    ['left', 'Forbidden: bot is not a member of the supergroup chat'],
    ['inviting_administrator', undefined],
  ]) {
    expect(await control('POST', 'bot', JSON.stringify({ standing }))).toMatchObject({ status: 200 });
    expect(await newLink()).toBe(description);
  }
  // A bot without allowed_updates is told of its own standing.
  expect(telegram.updates.pending()).toHaveLength(4);

  const { chatId } = (await control('POST', 'migrate')).body as { chatId: number };
  expect((await botCall(telegram, 'createChatInviteLink', { chat_id: CHAT_ID })).body).toMatchObject({
    error_code: 400,
    parameters: { migrate_to_chat_id: chatId },
  });
  expect(await newLink()).toBeUndefined();

  await control('POST', 'webhook', JSON.stringify({ url: 'http://127.0.0.1:1/', allowedUpdates: ['message'] }));
  expect((await botCall(telegram, 'getWebhookInfo')).result).toMatchObject({
    url: 'http://127.0.0.1:1/',
    allowed_updates: ['message'],
  });
  expect(await control('POST', 'bot', '{"standing":"king"}')).toMatchObject({ status: 400 });
  expect(await control('POST', 'webhook', '{}')).toMatchObject({ status: 400 });
});

test.each([
  ['{', /JSON object/],
  ['[]', /JSON object/],
  ['{}', /inviteLink/],
  ['{"inviteLink": ""}', /inviteLink/],
  ['{"inviteLink": "https://t.me/+x", "telegramUserId": "42"}', /telegramUserId/],
  ['{"inviteLink": "https://t.me/+x", "telegramUserId": 0.5}', /telegramUserId/],
])('a join like %p is refused with a reason', async (body, message) => {
  const answer = await control('POST', 'join', body);
  expect(answer.status).toBe(400);
  expect(isObject(answer.body) ? answer.body['error'] : undefined).toMatch(message);
});

test('from outside bots and chats are made, connected, limited and lost', async () => {
  const post = async (path: string, body: object): Promise<unknown> =>
    (await control('POST', path, JSON.stringify(body))).body;
  expect(await post('bots', { token: '222:second', username: 'second_bot' })).toEqual({ ok: true, botId: 222 });
  const chat = (await post('chats', { title: 'Gold', kind: 'group', username: 'gold' })) as { chatId: number };
  const link = 'https://t.me/second_bot?startgroup=c0de&admin=invite_users';
  expect(await post('tap', { link, chatId: '@gold' })).toEqual({ ok: true });
  expect(await post('limit', { botId: '222', linkCallsPerSecond: 1 })).toEqual({ ok: true });
  expect(await post('pause', { botId: 222, seconds: 5 })).toEqual({ ok: true });
  expect((await control('GET', 'chats')).body).toMatchObject({
    chats: [
      { chatId: CHAT_ID, bots: [{ botId: 123456, standing: 'inviting_administrator' }] },
      { chatId: chat.chatId, title: 'Gold', bots: [{ botId: 222, standing: { rights: ['can_invite_users'] } }] },
    ],
  });
  expect((await control('GET', 'bots')).body).toMatchObject({ bots: [{ botId: 123456 }, { botId: 222 }] });
  expect(JSON.stringify(await control('GET', 'bots'))).not.toContain('second"');
  const inviteLink = await createLink(simulators.telegram);
  expect(await post('link', { inviteLink })).toMatchObject({ ok: true, chatId: CHAT_ID, botId: 123456 });
  expect(await post('bot', { botId: 222, chatId: chat.chatId, rights: [] })).toEqual({ ok: true });
  expect(await post('migrate', { chatId: chat.chatId })).toMatchObject({ ok: true });
  expect(await post('delete-chat', { chatId: '@gold' })).toEqual({ ok: true });
  expect(await post('revoke-token', { botId: 222 })).toMatchObject({ ok: true, token: expect.stringMatching(/^222:/) });
});

test('from outside people are approved, restricted, banned and let in again, and leave', async () => {
  const { telegram } = simulators;
  const inviteLink = await createLink(telegram, { creates_join_request: true });
  expect((await join({ inviteLink, telegramUserId: 42 })).body).toMatchObject({ ok: false, reason: 'request_sent' });
  const person = JSON.stringify({ telegramUserId: 42 });
  const seen: unknown[] = [];
  for (const deed of ['approve', 'restrict', 'ban', 'unban']) {
    expect((await control('POST', deed, person)).body).toEqual({ ok: true });
    seen.push((await control('POST', 'is-in', person)).body);
  }
  expect(seen).toEqual([true, true, false, false].map((isIn) => ({ ok: true, isIn })));
  expect((await control('POST', 'leave', person)).body).toEqual({ ok: false, error: 'User 42 is not in the chat' });
});

test.each([
  ['leave', {}, /telegramUserId is missing/],
  ['approve', { telegramUserId: 42 }, /HIDE_REQUESTER_MISSING/],
  ['chats', { title: 'Gold', kind: 'forum' }, /kind must be one of/],
  ['chats', { kind: 'group' }, /title/],
  ['chats', { title: 'Gold', kind: 'group', chatId: CHAT_ID }, /already/],
  ['bots', {}, /token/],
  ['bot', { botId: 7, standing: 'member' }, /no bot 7/],
  ['bot', { rights: ['can_fly'] }, /rights must be a list of/],
  ['migrate', { chatId: -7 }, /no chat -7/],
  ['delete-chat', { chatId: {} }, /chatId must be an id/],
  ['revoke-token', { botId: 'x' }, /botId must be an id/],
  ['limit', {}, /linkCallsPerSecond/],
  ['limit', { linkCallsPerSecond: 0 }, /linkCallsPerSecond/],
  ['pause', { seconds: 0.5 }, /seconds/],
  ['tap', { link: 'https://t.me/nobody_bot?startgroup=x' }, /no bot @nobody_bot/],
  ['link', { inviteLink: 'https://t.me/+x' }, /no such link/],
])('control of %s with %j is refused with a reason', async (path, body, message) => {
  const answer = await control('POST', path, JSON.stringify(body));
  expect([answer.status, isObject(answer.body) ? answer.body['error'] : undefined]).toEqual([
    400,
    expect.stringMatching(message),
  ]);
});

test('the state shows the counters of both sides', async () => {
  const inviteLink = await createLink(simulators.telegram);
  await join({ inviteLink });
  expect(await control('GET', 'state')).toEqual({
    status: 200,
    body: {
      telegram: {
        links: 1,
        calls: { createChatInviteLink: 1 },
        linkCalls: 1,
        tooManyRequests: 0,
        callsDuringStop: 0,
        joins: 1,
        updatesPending: 0,
        updatesDelivered: 0,
        updatesNotAllowed: 1,
        updatesDropped: 0,
        webhookAttempts: 0,
        executedFromWebhookReply: 0,
      },
      webengage: {
        calls: 0,
        events: 0,
        eventsByName: {},
        users: 0,
        repeatsIgnored: 0,
        reservedNamesIgnored: 0,
        attributesIgnored: 0,
        tooManyRequests: 0,
      },
    },
  });
});

test('a taken port is an error', async () => {
  const port = Number(new URL(simulators.url).port);
  await expect(startSimulators({ ...options, port })).rejects.toThrow('EADDRINUSE');
});
