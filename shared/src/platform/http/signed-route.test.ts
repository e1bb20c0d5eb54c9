import { createHmac, timingSafeEqual } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { eventually } from '../testing/eventually.ts';
import { openHttpEdge, type HttpEdge } from '../testing/http-edge.ts';
import { defineEndpoint, mountEndpoint } from './endpoint.ts';
import { HttpError } from './http-error.ts';

const MAX_BYTES = 1_024;
const SECRET = 'whsec';

interface Taken {
  readonly bytes: Buffer;
  readonly caller: string;
  readonly account: string;
}

/** A provider's webhook: the signature is over the bytes that were sent. */
const notice = defineEndpoint({
  id: 'provider.notice',
  method: 'POST',
  path: '/provider/:account',
  summary: 'A notice of a provider.',
  security: { name: 'signature', description: 'HMAC-SHA256 of the body, in hex', sentAs: 'X-Signature' },
  body: { form: 'bytes', maxBytes: MAX_BYTES },
  input: Type.Object({ account: Type.String() }),
  answer: { status: 200, description: 'Taken', schema: Type.Object({ ok: Type.Literal(true) }) },
  refusals: [],
  texts: { invalid: 'Not a notice' },
  handle: ({ account }, { bytes, caller }, { taken }: { readonly taken: Taken[] }) => {
    taken.push({ bytes, caller, account });
    return Promise.resolve({ ok: true } as const);
  },
});

const taken: Taken[] = [];
let checked = 0;
let edge: HttpEdge;

beforeAll(async () => {
  const route = mountEndpoint(notice, { taken }, (headers, bytes) => {
    checked += 1;
    const wanted = Buffer.from(sign(bytes));
    const offered = Buffer.from(String(headers['x-signature']));
    if (wanted.length === offered.length && timingSafeEqual(wanted, offered)) return 'provider';
    throw new HttpError('invalid_request', 'The signature is wrong');
  });
  edge = await openHttpEdge([route]);
});

afterAll(() => edge.close());

beforeEach(() => {
  taken.length = 0;
  checked = 0;
});

function sign(bytes: Buffer): string {
  return createHmac('sha256', SECRET).update(bytes).digest('hex');
}

function post(bytes: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${edge.url}/provider/acct_1`, {
    method: 'POST',
    headers: { 'x-signature': sign(bytes), ...headers },
    body: new Uint8Array(bytes),
  });
}

test.each([
  ['JSON with blanks and an order of its own', Buffer.from('{ "b":1,\r\n"a" : "\\u00e9" }\n'), 'application/json'],
  ['bytes that are no UTF-8', Buffer.from([0xff, 0x00, 0xfe, 0xe9]), 'application/octet-stream'],
  ['a byte order mark', Buffer.from('\ufeff{}'), 'application/json'],
  ['a key that JSON would be refused for', Buffer.from('{"__proto__":1}'), 'application/json'],
  ['another charset', Buffer.from('Andr\xe9', 'latin1'), 'application/json; charset=iso-8859-1'],
  ['a form', Buffer.from('a=1&b=2'), 'application/x-www-form-urlencoded'],
  ['no type at all', Buffer.from('x'), undefined],
  ['nothing', Buffer.alloc(0), 'application/json'],
  ['as much as may be', Buffer.alloc(MAX_BYTES, 7), 'application/json'],
])('%s come to the signature and to the handler as they were sent', async (_what, bytes, type) => {
  expect((await post(bytes, type === undefined ? {} : { 'content-type': type })).status).toBe(200);
  expect(taken).toEqual([{ bytes, caller: 'provider', account: 'acct_1' }]);
});

test('bytes that come in pieces are whole before they are checked', async () => {
  const head = Buffer.from('{"a":');
  const tail = Buffer.from('"\u00e9"}');
  const whole = Buffer.concat([head, tail]);
  const connection = edge.dial(
    `POST /provider/acct_1 HTTP/1.1\r\nHost: x\r\nX-Signature: ${sign(whole)}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  for (const piece of [head, tail, Buffer.alloc(0)]) {
    connection.socket.write(
      Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
    );
  }
  await eventually(() => expect(connection.received()).toContain('HTTP/1.1 200'));
  expect(taken).toMatchObject([{ bytes: whole }]);
  expect(checked).toBe(1);
  connection.socket.destroy();
});

test.each([
  ['another body', { 'x-signature': sign(Buffer.from('other')) }],
  ['no signature', { 'x-signature': '' }],
])('a signature of %s is answered as the check says, and nothing is handled', async (_what, headers) => {
  const response = await post(Buffer.from('{"paid":true}'), headers);
  expect([response.status, await response.json()]).toEqual([
    400,
    { ok: false, error: { code: 'invalid_request', message: 'The signature is wrong' } },
  ]);
  expect(taken).toEqual([]);
});

test('a body that is too large is refused before anything is checked, declared or not', async () => {
  expect((await post(Buffer.alloc(MAX_BYTES + 1))).status).toBe(413);
  const chunked = edge.dial(
    `POST /provider/acct_1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n401\r\n${'x'.repeat(1_025)}\r\n0\r\n\r\n`,
  );
  await eventually(() => expect(chunked.received()).toContain('HTTP/1.1 413'));
  chunked.socket.destroy();
  expect(checked).toBe(0);
});

test('a packed body is refused: what was signed is not what was sent', async () => {
  const packed = gzipSync('{}');
  for (const encoding of ['gzip', 'br', 'identity, gzip', 'unknown']) {
    expect((await post(packed, { 'content-encoding': encoding })).status).toBe(415);
  }
  expect(checked).toBe(0);
  expect((await post(packed, { 'content-encoding': 'identity' })).status).toBe(200);
});

test('an endpoint with a secret cannot be mounted without a check of it', () => {
  expect(() => mountEndpoint(notice, { taken })).toThrow('needs to know its caller');
});
