import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { buy, JSON_WITH_KEY } from './harness/buyer.ts';
import { API_KEY, WEBHOOK_SECRET } from './harness/credentials.ts';
import { expectRefusal, expectSaysNothingInternal, MARK } from './harness/error-form.ts';
import { send, type Sent } from './harness/http.ts';
import { expectPromiseKept } from './harness/promise.ts';
import { exchangeRaw, hangUp, isWholeAnswer } from './harness/raw-socket.ts';
import { storedDocuments } from './harness/stored.ts';
import { joinUpdate, postUpdate } from './harness/telegram-updates.ts';
import type { Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

// One system takes everything that follows: it must be as well after the last blow as after the first.
let world: World;
let port: number;
const accepted: Purchase[] = [];

beforeAll(async () => {
  world = await openWorld();
  port = Number(new URL(world.url).port);
  await world.start();
});

afterEach(async () => {
  accepted.push(await buy(world.url, { userId: `after-${accepted.length}`, transactionId: 't' }));
  await expectPromiseKept(world, { purchases: accepted });
});

afterAll(async () => {
  expect(await world.process.stop()).toEqual({ code: 0, signal: null });
  const stored = await storedDocuments(world.dataDir);
  expect(stored).toMatchObject({ joins: [], unmatched_joins: [], dead_letters: [] });
  expect(stored.invite_requests).toHaveLength(accepted.length);
  expect(world.printed).not.toContain(MARK);
});

// A hook of its own: it runs although the one above has failed.
afterAll(closeWorlds);

describe('a path or method that is not there', () => {
  test.each<[string, string, string]>([
    ['GET', '/v1/invite/request', 'POST'],
    ['PUT', '/v1/invite/request', 'POST'],
    ['DELETE', '/v1/invite/request', 'POST'],
    ['OPTIONS', '/v1/invite/request', 'POST'],
    ['POST', '/v1/invite/requests/0b5c3f6e-3f41-4a53-9a52-7c4c1c2f7a10', 'HEAD, GET'],
    ['GET', '/v1/telegram/webhook', 'POST'],
    ['POST', '/healthz', 'HEAD, GET'],
    ['POST', '/readyz', 'HEAD, GET'],
  ])('%s %s: 405 that allows %s', async (method, path, allowed) => {
    const answer = await send(`${world.url}${path}`, {
      method,
      headers: JSON_WITH_KEY,
      ...(method === 'GET' ? {} : { body: `{"userId":"${MARK}"}` }),
    });
    expectRefusal(answer, 'method_not_allowed');
    expect(answer.headers.allow).toBe(allowed);
  });

  test.each([
    '/',
    '/v1',
    '/v1/invite/request/',
    '/V1/INVITE/REQUEST',
    '/v1//invite/request',
    '/v1/invite/requests',
    '/v1/invite/worker',
    '/pubsub/purchase-events',
    '/v1/invite/request%00',
    '/v1/invite/../../etc/passwd',
    `/${MARK}`,
    `/${'a'.repeat(7_000)}`,
    '/control/state',
    '/__proto__',
  ])('%s: 404', async (path) => {
    for (const method of ['GET', 'POST'])
      expectRefusal(await send(`${world.url}${path}`, { method, headers: JSON_WITH_KEY }), 'not_found');
  });

  test('a path that is no URL encoding: 400 or 404, and no more said than that', async () => {
    for (const path of ['/%', '/v1/invite/requests/%E0%A4%A', '/v1/%ff']) {
      const answer = await send(`${world.url}${path}`, { headers: JSON_WITH_KEY });
      expect([400, 404]).toContain(answer.status);
      expectRefusal(answer, answer.status === 400 ? 'invalid_request' : 'not_found');
    }
  });

  test('health is told to anybody, and nothing else is', async () => {
    for (const path of ['/healthz', '/readyz'])
      expect(await send(`${world.url}${path}`)).toMatchObject({ status: 200, json: { ok: true } });
    expect(await send(`${world.url}/healthz`, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });
});

describe('an update that does not come from Telegram', () => {
  test.each<[string, Sent['headers']]>([
    ['no secret', {}],
    ['an empty secret', { 'x-telegram-bot-api-secret-token': '' }],
    ['a wrong secret', { 'x-telegram-bot-api-secret-token': 'wrong' }],
    ['a secret that begins right', { 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET.slice(0, -1) }],
    ['a secret with something behind it', { 'x-telegram-bot-api-secret-token': `${WEBHOOK_SECRET}x` }],
    ['the secret twice', { 'x-telegram-bot-api-secret-token': [WEBHOOK_SECRET, WEBHOOK_SECRET] }],
    ['a right secret beside a wrong one', { 'x-telegram-bot-api-secret-token': ['wrong', WEBHOOK_SECRET] }],
    ['the secret as bearer', { authorization: `Bearer ${WEBHOOK_SECRET}` }],
    ['the key of intake', { authorization: `Bearer ${API_KEY}`, 'x-telegram-bot-api-secret-token': API_KEY }],
  ])('%s: 401, and nothing is touched', async (_what, headers) => {
    const link = [...world.telegram.links.all()][0]?.inviteLink ?? '';
    for (const body of [joinUpdate({ userId: 66, link: { invite_link: link } }), `{${MARK}`]) {
      const answer = await send(`${world.url}/v1/telegram/webhook`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
      expectRefusal(answer, 'unauthorized');
    }
  });
});

describe('an update of a shape that nobody knows', () => {
  const join = joinUpdate({ userId: 66 });
  const change = join['chat_member'] as Record<string, unknown>;
  const user = { id: 66, is_bot: false, first_name: MARK };

  test.each<[string, unknown]>([
    ['null', 'null'],
    ['an array', [join]],
    ['a number', '7'],
    ['a string', `"${MARK}"`],
    ['an empty object', {}],
    ['an update_id of text', { ...join, update_id: MARK }],
    ['an update_id that is a fraction', { ...join, update_id: 1.5 }],
    ['an update_id past every number', `{"update_id":1e999}`],
    ['chat_member null', { update_id: 1, chat_member: null }],
    ['chat_member an array', { update_id: 1, chat_member: [change] }],
    ['no old_chat_member', { update_id: 1, chat_member: { ...change, old_chat_member: undefined } }],
    ['no new_chat_member', { update_id: 1, chat_member: { ...change, new_chat_member: undefined } }],
    ['no chat', { update_id: 1, chat_member: { ...change, chat: undefined } }],
    ['a chat id of text', { update_id: 1, chat_member: { ...change, chat: { id: MARK } } }],
    ['a member without user', { update_id: 1, chat_member: { ...change, new_chat_member: { status: 'member' } } }],
    [
      'a user id of text',
      { update_id: 1, chat_member: { ...change, new_chat_member: { user: { id: MARK }, status: 'member' } } },
    ],
    ['a status of null', { update_id: 1, chat_member: { ...change, new_chat_member: { user, status: null } } }],
    [
      'is_member of text',
      { update_id: 1, chat_member: { ...change, new_chat_member: { user, status: 'restricted', is_member: 'yes' } } },
    ],
    ['a date of text', { update_id: 1, chat_member: { ...change, date: 'yesterday' } }],
    ['a date before all time', { update_id: 1, chat_member: { ...change, date: -1 } }],
    ['a date after all time', { update_id: 1, chat_member: { ...change, date: 1e15 } }],
    ['a link of text', { update_id: 1, chat_member: { ...change, invite_link: 'https://t.me/+x' } }],
    ['a link without link', { update_id: 1, chat_member: { ...change, invite_link: { name: 'x' } } }],
    ['my_chat_member null', { update_id: 1, my_chat_member: null }],
    ['broken JSON', `{"update_id":1,${MARK}`],
    ['60,000 opening brackets', '['.repeat(60_000)],
    ['__proto__', `{"update_id":1,"__proto__":{"chat_member":"${MARK}"}}`],
  ])('%s: 400, so that Telegram keeps it', async (_what, body) => {
    expectRefusal(await postUpdate(world.url, body), 'invalid_request');
  });

  test.each<[string, unknown]>([
    ['an update of another kind', { update_id: 1, message: { text: MARK, from: user } }],
    ['a kind that does not exist yet', { update_id: 1, something_new: [MARK] }],
    ['a strange status', { update_id: 1, chat_member: { ...change, new_chat_member: { user, status: 'emperor' } } }],
    ['a huge update_id', { update_id: 9_007_199_254_740_991, message: {} }],
  ])('%s: taken, and nothing comes of it', async (_what, body) => {
    expect(await postUpdate(world.url, body)).toMatchObject({ status: 200, text: '{}' });
  });

  test('too large, of another type, or packed', async () => {
    expectRefusal(await postUpdate(world.url, { ...join, padding: 'x'.repeat(70_000) }), 'payload_too_large');
    expectRefusal(await postUpdate(world.url, join, { 'content-type': 'text/plain' }), 'unsupported_media_type');
    expectRefusal(
      await postUpdate(world.url, gzipSync('no update'), { 'content-encoding': 'gzip' }),
      'invalid_request',
    );
    expect(await postUpdate(world.url, gzipSync('{"update_id":1}'), { 'content-encoding': 'gzip' })).toMatchObject({
      status: 200,
      text: '{}',
    });
  });
});

describe('what is hardly HTTP', () => {
  const head = `POST /v1/invite/request HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${API_KEY}\r\nContent-Type: application/json\r\n`;

  test.each<[string, string]>([
    ['noise', `\u0000\u0001\u0002${MARK}\r\n\r\n`],
    ['a TLS greeting', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n'],
    ['a request line without version', `GET /${MARK}\r\n\r\n`],
    ['HTTP/9.9', `GET /${MARK} HTTP/9.9\r\nHost: x\r\n\r\n`],
    ['a header without colon', `GET / HTTP/1.1\r\n${MARK}\r\n\r\n`],
    ['headers without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`],
    ['two different Content-Lengths', `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{"a":1}`],
    ['a Content-Length beside chunks', `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a negative Content-Length', `${head}Content-Length: -5\r\n\r\n`],
    ['a chunk of a strange size', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['no Host', `GET /healthz HTTP/1.1\r\n\r\n`],
  ])('%s: refused, and the connection closed', async (_what, bytes) => {
    const answer = await exchangeRaw(port, bytes);
    expect(answer).not.toMatch(/^HTTP\/1\.1 (2|5)/);
    expectSaysNothingInternal(answer);
  });

  test('5 MB are refused before they arrive', async () => {
    const answer = await exchangeRaw(port, `${head}Content-Length: 5000000\r\n\r\n{"userId":"${MARK}`, isWholeAnswer);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expectSaysNothingInternal(answer);
  });

  test('a caller that goes away in the middle of its body harms nobody', async () => {
    await Promise.all(
      Array.from({ length: 20 }, () => hangUp(port, `${head}Content-Length: 50\r\n\r\n{"userId":"${MARK}`)),
    );
    expect(await send(`${world.url}/readyz`)).toMatchObject({ status: 200 });
  });

  test('a request hidden behind a refused one is not carried out', async () => {
    const hidden = `POST /v1/invite/request HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${API_KEY}\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n{"userId":"hidden"}`;
    const refused = `POST /v1/invite/request HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n`;
    const answer = await exchangeRaw(port, refused + hidden);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });
});
