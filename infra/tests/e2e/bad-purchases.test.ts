import { gzipSync, deflateSync, brotliCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { buy, JSON_WITH_KEY, postPurchase } from './harness/buyer.ts';
import { API_KEY, BOT_TOKEN, WEBHOOK_SECRET } from './harness/credentials.ts';
import { expectRefusal, MARK } from './harness/error-form.ts';
import { send, type Answer, type Sent } from './harness/http.ts';
import { expectPromiseKept } from './harness/promise.ts';
import { storedDocuments } from './harness/stored.ts';
import type { Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

// One system takes everything that follows: it must be as well after the last blow as after the first.
let world: World;
const accepted: Purchase[] = [];

beforeAll(async () => {
  world = await openWorld();
  await world.start();
});

afterEach(async () => {
  // Nobody was harmed, and what was refused has set nothing off: only what is in `accepted` ends at WebEngage.
  accepted.push(await buy(world.url, { userId: `after-${accepted.length}`, transactionId: 't' }));
  await expectPromiseKept(world, { purchases: accepted });
});

afterAll(async () => {
  expect(await world.process.stop()).toEqual({ code: 0, signal: null });
  const stored = await storedDocuments(world.dataDir);
  expect(stored.invite_requests).toHaveLength(accepted.length);
  expect(stored.dead_letters).toEqual([]);
  expect(world.printed).not.toContain(MARK);
});

// A hook of its own: it runs although the one above has failed.
afterAll(closeWorlds);

function post(sent: Sent): Promise<Answer> {
  return send(`${world.url}/v1/invite/request`, { method: 'POST', ...sent });
}

describe('a purchase without a valid key', () => {
  test.each<[string, Sent['headers']]>([
    ['no key', {}],
    ['an empty bearer', { authorization: 'Bearer ' }],
    ['a wrong key', { authorization: 'Bearer wrong' }],
    ['a key that begins right', { authorization: `Bearer ${API_KEY.slice(0, -1)}` }],
    ['a key with something behind it', { authorization: `Bearer ${API_KEY}x` }],
    ['the key in other case', { authorization: `Bearer ${API_KEY.toUpperCase()}` }],
    ['both keys as the list that is configured', { 'x-api-key': `${API_KEY},intake-key-two-1a2b3c4d5e` }],
    ['basic authentication', { authorization: `Basic ${Buffer.from(`x:${API_KEY}`).toString('base64')}` }],
    ['an empty X-Api-Key', { 'x-api-key': '' }],
    ['two X-Api-Keys', { 'x-api-key': [API_KEY, API_KEY] }],
    ['a wrong bearer beside a right X-Api-Key', { authorization: 'Bearer wrong', 'x-api-key': API_KEY }],
    ['the secret of the webhook', { authorization: `Bearer ${WEBHOOK_SECRET}` }],
    ['the token of the bot', { authorization: `Bearer ${BOT_TOKEN}` }],
    ['a key of 8,000 characters', { 'x-api-key': 'k'.repeat(8_000) }],
  ])('%s: 401, with any body', async (_what, headers) => {
    for (const body of [{ userId: MARK, transactionId: 't' }, `{${MARK}`]) {
      expectRefusal(await post({ headers: { 'content-type': 'application/json', ...headers }, body }), 'unauthorized');
    }
  });
});

describe('a purchase whose body is no purchase', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['an empty object', {}, ['/userId']],
    ['null', 'null', ['']],
    ['an array', [{ userId: MARK }], ['']],
    ['a string', `"${MARK}"`, ['']],
    ['a number', '7', ['']],
    ['true', 'true', ['']],
    ['a userId of null', { userId: null }, ['/userId']],
    ['a number as userId that is no integer', { userId: 12.5 }, ['/userId']],
    ['an object as userId', { userId: { toString: MARK } }, ['/userId']],
    ['an array as userId', { userId: [MARK] }, ['/userId']],
    ['an empty userId', { userId: '', transactionId: 't' }, ['/userId']],
    ['a userId of blanks', { userId: ' \t\u00a0\u2003', transactionId: 't' }, ['/userId']],
    ['a userId of 101 characters', { userId: 'u'.repeat(101) }, ['/userId']],
    ['a transactionId of 1,000 characters', { userId: 'u', transactionId: 't'.repeat(1_000) }, ['/transactionId']],
    ['a transactionId of null', { userId: 'u', transactionId: null }, ['/transactionId']],
    ['an integer as transactionId that JSON rounds', { userId: 'u', transactionId: 2 ** 53 }, ['/transactionId']],
    ['an unknown field', { userId: 'u', transactionId: 't', [MARK]: MARK }, ['']],
    ['a field of another case', { userid: 'u' }, ['', '/userId']],
    ['constructor', `{"userId":"u","constructor":{"prototype":{"isAdmin":"${MARK}"}}}`, ['']],
    ['all wrong at once', { userId: true, transactionId: [2], more: MARK }, ['', '/transactionId', '/userId']],
  ])('%s: 400, every issue with its path', async (_what, body, paths) => {
    const found = expectRefusal(await post({ headers: JSON_WITH_KEY, body }), 'invalid_request');
    expect([...new Set(found)].sort()).toEqual(paths);
  });

  test.each<[string, string]>([
    ['broken JSON', `{"userId":"${MARK}"`],
    ['no JSON', MARK],
    ['two values', `{"userId":"u"} {"userId":"${MARK}"}`],
    ['single quotes', `{'userId':'${MARK}'}`],
    ['NaN', '{"userId":NaN}'],
    ['__proto__', `{"userId":"u","__proto__":{"isAdmin":"${MARK}"}}`],
    ['a comment', `{"userId":"u"} // ${MARK}`],
    ['60,000 opening brackets', '['.repeat(60_000)],
    ['60,000 opening braces', '{"a":'.repeat(12_000)],
    ['bytes that are no UTF-8 text', Buffer.from([0xff, 0xfe, 0x00, 0x7b]).toString('latin1')],
  ])('%s: 400', async (_what, body) => {
    expect(expectRefusal(await post({ headers: JSON_WITH_KEY, body }), 'invalid_request')).toEqual([]);
  });

  test('deeply nested JSON that is well formed: 400', async () => {
    expectRefusal(
      await post({ headers: JSON_WITH_KEY, body: '['.repeat(30_000) + ']'.repeat(30_000) }),
      'invalid_request',
    );
    expectRefusal(
      await post({ headers: JSON_WITH_KEY, body: `{"userId":${'['.repeat(30_000)}${']'.repeat(30_000)}}` }),
      'invalid_request',
    );
  });

  test('nothing at all: 400', async () => {
    for (const body of [undefined, '', '   '])
      expectRefusal(await post({ headers: JSON_WITH_KEY, body }), 'invalid_request');
  });
});

describe('a purchase that is too large', () => {
  const large = { userId: 'u', transactionId: MARK.repeat(8_000) };

  test('with a Content-Length over 64 KiB: 413', async () => {
    expectRefusal(await post({ headers: JSON_WITH_KEY, body: large }), 'payload_too_large');
  });

  test('in chunks, without a Content-Length: 413', async () => {
    expectRefusal(await post({ headers: JSON_WITH_KEY, body: large, chunked: true }), 'payload_too_large');
  });

  test('only when it is unpacked: 413, without unpacking it all', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    expect(bomb.length).toBeLessThan(64 * 1_024);
    expectRefusal(
      await post({ headers: { ...JSON_WITH_KEY, 'content-encoding': 'gzip' }, body: bomb }),
      'payload_too_large',
    );
  });

  test('by one byte: 413; at 64 KiB it is read', async () => {
    const padded = (bytes: number): string => `${' '.repeat(bytes - 2)}{}`;
    expectRefusal(await post({ headers: JSON_WITH_KEY, body: padded(65_537) }), 'payload_too_large');
    expect(expectRefusal(await post({ headers: JSON_WITH_KEY, body: padded(65_536) }), 'invalid_request')).toEqual([
      '/userId',
    ]);
  });
});

describe('a purchase in another wrapping', () => {
  test.each([
    undefined,
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
    '',
  ])('Content-Type %s: 415', async (contentType) => {
    const headers = {
      authorization: `Bearer ${API_KEY}`,
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
    };
    expectRefusal(await post({ headers, body: JSON.stringify({ userId: MARK }) }), 'unsupported_media_type');
  });

  test('a Content-Encoding that is not known, or a body that does not keep to it: 415 and 400', async () => {
    const body = JSON.stringify({ userId: MARK });
    expectRefusal(
      await post({ headers: { ...JSON_WITH_KEY, 'content-encoding': 'zstd-of-mars' }, body }),
      'unsupported_media_type',
    );
    expectRefusal(await post({ headers: { ...JSON_WITH_KEY, 'content-encoding': 'gzip' }, body }), 'invalid_request');
    expectRefusal(
      await post({ headers: { ...JSON_WITH_KEY, 'content-encoding': 'gzip' }, body: gzipSync(body).subarray(0, 20) }),
      'invalid_request',
    );
  });

  test.each<[string, (text: string) => Buffer]>([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('packed with %s: taken, or refused as 415', async (encoding, pack) => {
    const purchase = { userId: `packed-${encoding}`, transactionId: 't' };
    const answer = await post({
      headers: { ...JSON_WITH_KEY, 'content-encoding': encoding },
      body: pack(JSON.stringify(purchase)),
    });
    if (answer.status === 202)
      accepted.push({ ...purchase, requestId: (answer.json as { requestId: string }).requestId });
    else expectRefusal(answer, 'unsupported_media_type');
  });

  test('half of a character that needs two, which no UTF-8 can hold: 400', async () => {
    expect(
      expectRefusal(await postPurchase(world.url, { userId: 'a\ud800b', transactionId: 't' }), 'invalid_request'),
    ).toEqual(['/userId']);
    expect(
      expectRefusal(await postPurchase(world.url, { userId: 'u', transactionId: '\udc00' }), 'invalid_request'),
    ).toEqual(['/transactionId']);
  });

  test.each<[string, string]>([
    ['an empty', ''],
    ['one of 256 characters', 'k'.repeat(256)],
  ])('%s Idempotency-Key: 400', async (_what, key) => {
    const answer = await postPurchase(world.url, { userId: 'u' }, { 'idempotency-key': key });
    expect(expectRefusal(answer, 'invalid_request')).toEqual(['/headers/idempotency-key']);
  });
});

describe('what is allowed, up to its edge', () => {
  test.each<[string, { userId: string; transactionId?: string }]>([
    ['a userId of 100 characters', { userId: 'x'.repeat(100), transactionId: 't' }],
    ['a transactionId of 999 characters', { userId: 'edge', transactionId: 't'.repeat(999) }],
    ['quotes, angle brackets and line breaks', { userId: '<b>"\\\'\n</b>', transactionId: '{"a":1}\r\n' }],
    ['another script and emoji', { userId: 'ユーザー🎉', transactionId: 'покупка' }],
    ['a NUL', { userId: 'a\u0000b', transactionId: 'x\u0000y' }],
    ['names of the prototype', { userId: '__proto__', transactionId: 'constructor' }],
    ['blanks around it', { userId: ' padded ', transactionId: ' ' }],
  ])('%s', async (_what, body) => {
    accepted.push(await buy(world.url, body));
  });

  test('a charset, capitals in the media type, and a +json type', async () => {
    for (const contentType of ['application/json; charset=utf-8', 'Application/JSON', 'application/cloudevents+json']) {
      accepted.push(
        await buy(world.url, { userId: 'type', transactionId: contentType }, { 'content-type': contentType }),
      );
    }
  });
});
