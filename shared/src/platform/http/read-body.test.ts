import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openHttpEdge, type HttpEdge } from '../testing/http-edge.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import type { Route } from './route.ts';

const MAX_BYTES = 64 * 1_024;

const echo = (form: 'json' | 'text'): Route => ({
  method: 'POST',
  path: `/${form}`,
  body: { form, maxBytes: MAX_BYTES },
  handle: ({ body }) => Promise.resolve({ status: 200, body: { got: body } }),
});

let edge: HttpEdge;

beforeAll(async () => {
  edge = await openHttpEdge([echo('json'), echo('text')]);
});

afterAll(() => edge.close());

async function post(
  form: 'json' | 'text',
  body: Buffer | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly got: unknown; readonly message: string }> {
  const response = await fetch(`${edge.url}/${form}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: new Uint8Array(Buffer.from(body)),
  });
  const answer = (await response.json()) as { got?: unknown; error?: { message: string } };
  return { status: response.status, got: answer.got, message: answer.error?.message ?? '' };
}

describe.each(['json', 'text'] as const)('a body in the form %s', (form) => {
  test.each(['utf-8', 'UTF-8', 'utf8', '"utf-8"', '"Utf-8" ; x=y'])('in charset %s is read', async (charset) => {
    expect((await post(form, '"é"', { 'content-type': `application/json; charset=${charset}` })).status).toBe(200);
  });

  test.each([
    'iso-8859-1',
    'ISO-8859-1',
    'latin1',
    'windows-1252',
    '"iso-8859-1"',
    'utf-16',
    'us-ascii',
    'utf-7',
    'utf-8; charset=latin1',
    '',
    'nonsense',
  ])('in charset %s is a 415', async (charset) => {
    expect(await post(form, '"e"', { 'content-type': `application/json;charset=${charset}` })).toMatchObject({
      status: 415,
      message: 'The charset of the body must be utf-8',
    });
  });

  test.each([
    ['Latin-1', Buffer.from('"Andr\xe9"', 'latin1')],
    ['another byte of Latin-1', Buffer.from('"Andr\xe8"', 'latin1')],
    ['a byte that begins nothing', Buffer.from([0x22, 0x80, 0x22])],
    ['a character cut short', Buffer.from([0x22, 0xe2, 0x82, 0x22])],
    ['an overlong form', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['half of a surrogate pair', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['past the last character', Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22])],
    ['UTF-16 with its mark', Buffer.from('\ufeff{"a":1}', 'utf16le')],
  ])('whose bytes are %s is a 400, packed or not', async (_what, bytes) => {
    for (const [body, headers] of [
      [bytes, {}],
      [gzipSync(bytes), { 'content-encoding': 'gzip' }],
    ] as const) {
      expect(await post(form, body, headers)).toMatchObject({ status: 400, message: 'The body is not UTF-8' });
    }
  });

  test('is UTF-8 or a 400, with any bytes: the text read is the text sent', async () => {
    const random = seededRandom(20_260_801);
    for (let round = 0; round < 300; round += 1) {
      const bytes = Buffer.from('"a\u00e9\u20ac\u{1f600}z"');
      for (let change = Math.floor(random() * 3); change > 0; change -= 1)
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      const answer = await post('text', bytes);
      expect(answer.status === 400 || Buffer.from(String(answer.got)).equals(bytes)).toBe(true);
    }
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['x-gzip', gzipSync],
    ['X-GZip', gzipSync],
    ['deflate', deflateSync],
    ['Deflate', deflateSync],
    ['br', brotliCompressSync],
    ['BR', brotliCompressSync],
    ['identity', (bytes) => bytes],
    ['Identity', (bytes) => bytes],
    ['identity, gzip', gzipSync],
    ['gzip, br', (bytes) => brotliCompressSync(gzipSync(bytes))],
    ['deflate ,GZIP,identity', (bytes) => gzipSync(deflateSync(bytes))],
  ])('with Content-Encoding %s is read', async (encoding, pack) => {
    expect(await post(form, pack(Buffer.from('"packed"')), { 'content-encoding': encoding })).toMatchObject({
      status: 200,
      got: form === 'json' ? 'packed' : '"packed"',
    });
  });

  test.each(['zstd', 'compress', 'gzip, zstd', 'constructor', '__proto__', 'gzip;q=1', 'gzip,gzip,gzip,gzip,gzip'])(
    'with Content-Encoding %s is a 415 that names all that are taken',
    async (encoding) => {
      const answer = await post(form, 'x', { 'content-encoding': encoding });
      expect(answer.status).toBe(415);
      for (const taken of ['identity', 'gzip', 'x-gzip', 'deflate', 'br']) expect(answer.message).toContain(taken);
    },
  );

  test.each([
    ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    ['deflate', deflateSync(Buffer.alloc(50_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(50_000_000))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(50_000_000)))],
    ['identity', Buffer.alloc(MAX_BYTES + 1)],
    ['gzip', Buffer.alloc(MAX_BYTES + 1)],
  ])('that is too large after or before %s is a 413', async (encoding, bytes) => {
    expect((await post(form, bytes, { 'content-encoding': encoding })).status).toBe(413);
  });

  test.each(['gzip', 'deflate', 'br'])('that is no %s, or breaks off inside, is a 400', async (encoding) => {
    const pack = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[encoding] ?? gzipSync;
    for (const bytes of [Buffer.from('"plain"'), pack('"whole"').subarray(0, -3), Buffer.alloc(0)]) {
      expect((await post(form, bytes, { 'content-encoding': encoding })).status).toBe(400);
    }
  });
});

test('a byte order mark before JSON is ignored, and kept in a text', async () => {
  expect(await post('json', '\ufeff{"a":1}')).toMatchObject({ status: 200, got: { a: 1 } });
  expect(await post('text', '\ufeffa')).toMatchObject({ status: 200, got: '\ufeffa' });
  expect((await post('json', '\ufeff\ufeff{"a":1}')).status).toBe(400);
});

test.each([
  '{"__proto__":1}',
  '{"a":[{"__proto__" :{"b":1}}]}',
  '{"\\u005f_proto_\\u005F":1}',
  '{"__pr\\u006fto__":{}}',
])('%s is a 400: the key would become a prototype', async (body) => {
  expect((await post('json', body)).status).toBe(400);
});

test.each(['"__proto__"', '{"a":"\\"__proto__\\":"}', '{"_proto_":1}', '{"constructor":{"prototype":1}}'])(
  '%s is only a text or another key, and read',
  async (body) => {
    expect(await post('json', body)).toMatchObject({ status: 200, got: JSON.parse(body) as unknown });
  },
);

test('a query that is no UTF-8 is a 400', async () => {
  const url = (query: string): string => `${edge.url}/json?${query}`;
  const status = async (query: string): Promise<number> =>
    (await fetch(url(query), { method: 'POST', headers: { 'content-type': 'application/json' }, body: '1' })).status;
  expect(await Promise.all(['a=%E9', 'a=%ED%A0%80', 'a=%', 'a=%zz', 'a=%C3%A9', 'a=+b'].map(status))).toEqual([
    400, 400, 400, 400, 200, 200,
  ]);
});
