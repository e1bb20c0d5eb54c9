import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { RetryableError } from '../ports/errors.ts';
import { createLogger } from '../log/logger.ts';
import { compileValidator } from '../validation/validator.ts';
import { noTelemetry } from '../telemetry/telemetry.ts';
import { createApp } from './app.ts';
import { apiKeyAuthentication } from './authenticate.ts';
import { HttpError } from './http-error.ts';
import { listen } from './http-server.ts';
import type { Route } from './route.ts';

const validate = compileValidator(
  Type.Object({ name: Type.String({ minLength: 1 }) }, { additionalProperties: false }),
);

const routes: readonly Route[] = [
  {
    method: 'POST',
    path: '/names',
    authenticate: apiKeyAuthentication(['first-key', 'second-key']),
    handle: ({ body }) => {
      const result = validate(body);
      if (!result.valid) throw new HttpError('invalid_request', 'The name is not valid', result.issues);
      return Promise.resolve({ status: 202, body: { ok: true } });
    },
  },
  {
    method: 'GET',
    path: '/names/:name',
    handle: ({ params, traceparent }) => Promise.resolve({ status: 200, body: { name: params['name'], traceparent } }),
  },
  { method: 'GET', path: '/query', handle: ({ query }) => Promise.resolve({ status: 200, body: query }) },
  {
    method: 'GET',
    path: '/busy',
    handle: () => Promise.reject(new RetryableError('storage_full', 'disk full at secret-place')),
  },
  { method: 'GET', path: '/broken', handle: () => Promise.reject(new TypeError('secret-internals')) },
];

const authorized = { authorization: 'Bearer first-key', 'content-type': 'application/json' };

describe('the HTTP edge', () => {
  let url: string;
  let close: () => Promise<void>;
  let lines: string[];

  beforeEach(async () => {
    lines = [];
    const log = createLogger({ level: 'debug', secrets: [], write: (line) => lines.push(line) });
    const { server, port } = await listen(createApp(routes, log, noTelemetry), { port: 0, host: '127.0.0.1' });
    url = `http://127.0.0.1:${port}`;
    close = () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
  });

  afterEach(() => close());

  async function post(
    body: string | Buffer,
    headers: Record<string, string> = authorized,
  ): Promise<{ status: number; headers: Headers; error: { code: string; issues?: unknown }; text: string }> {
    const response = await fetch(`${url}/names`, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) });
    const text = await response.text();
    const { error } = JSON.parse(text) as { error: { code: string; issues?: unknown } };
    return { status: response.status, headers: response.headers, error, text };
  }

  test('a valid request is answered by its route', async () => {
    const response = await fetch(`${url}/names`, { method: 'POST', headers: authorized, body: '{"name":"Asha"}' });
    expect([response.status, await response.json()]).toEqual([202, { ok: true }]);
  });

  test('of a name that is given twice in the query, the first value counts', async () => {
    const queries = ['', '?a=1&b=x%20y&a=2'].map(async (query) => (await fetch(`${url}/query${query}`)).json());
    expect(await Promise.all(queries)).toEqual([{}, { a: '1', b: 'x y' }]);
  });

  test('what takes GET also takes HEAD', async () => {
    const answers = ['/query', '/names/a'].map(
      async (path) => (await fetch(`${url}${path}`, { method: 'HEAD' })).status,
    );
    expect(await Promise.all(answers)).toEqual([200, 200]);
  });

  test('any of the keys is accepted, as a bearer token or in X-Api-Key', async () => {
    for (const headers of [{ authorization: 'bearer second-key' }, { 'x-api-key': 'first-key' }]) {
      const response = await fetch(`${url}/names`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{"name":"Asha"}',
      });
      expect(response.status).toBe(202);
    }
  });

  test.each([
    ['no key', {}],
    ['a wrong key', { authorization: 'Bearer wrong' }],
    ['two keys in one header', { authorization: 'Bearer first-key second-key' }],
    ['an empty key', { 'x-api-key': '' }],
    ['another scheme', { authorization: 'Basic first-key' }],
    ['the beginning of a key', { 'x-api-key': 'first-ke' }],
    ['a key and more', { 'x-api-key': 'second-key-and-more' }],
  ])('%s is refused before the body is looked at', async (_name, headers: Record<string, string>) => {
    const answer = await post('not json', headers);
    expect([answer.status, answer.error.code]).toEqual([401, 'unauthorized']);
  });

  test.each([
    ['keeps the connection when its body came along', '{}', /\r\nConnection: keep-alive\r\n/],
    ['ends the connection when its body may still come', '', /\r\nConnection: close\r\n/],
  ])('a refused request %s', async (_name, body, header) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(`POST /names HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n${body}`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /);
    expect(String(answer)).toMatch(header);
  });

  test.each([
    ['broken JSON', '{"name":', 'invalid_request'],
    ['nothing at all', '', 'invalid_request'],
    ['JSON that is no object', '"text"', 'invalid_request'],
    ['null', 'null', 'invalid_request'],
    ['a wrong type', '{"name":7}', 'invalid_request'],
    ['a field too many', '{"name":"Asha","admin":true}', 'invalid_request'],
    ['a __proto__ key', '{"name":"Asha","__proto__":{"admin":true}}', 'invalid_request'],
    ['JSON nested 60,000 deep', '['.repeat(60_000), 'invalid_request'],
    ['well-formed JSON nested 30,000 deep', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 'invalid_request'],
  ])('%s is a 400 that does not repeat what was sent', async (_name, body, code) => {
    const answer = await post(body);
    expect([answer.status, answer.error.code]).toEqual([400, code]);
    expect(answer.text).not.toMatch(/admin|Asha|__proto__|node_modules|\[\[/);
  });

  test('every issue is listed with its path', async () => {
    const answer = await post('{"name":"","extra":1}');
    expect(answer.error.issues).toEqual([
      { path: '', message: 'has a field that is not allowed; allowed are name' },
      { path: '/name', message: 'must NOT have fewer than 1 characters' },
    ]);
  });

  test('a body over 64 KiB is a 413, also when it comes in chunks, and compressed', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(70_000) });
    expect((await post(large)).status).toBe(413);
    expect((await post(gzipSync(large), { ...authorized, 'content-encoding': 'gzip' })).status).toBe(413);
    const status = await new Promise((resolve, reject) => {
      const chunked = httpRequest(`${url}/names`, { method: 'POST', headers: authorized }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      chunked.on('error', reject);
      chunked.write(large.slice(0, 40_000));
      chunked.end(large.slice(40_000));
    });
    expect(status).toBe(413);
  });

  test('a body of exactly 64 KiB is read', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(65_536 - '{"name":""}'.length) });
    const response = await fetch(`${url}/names`, { method: 'POST', headers: authorized, body });
    expect(response.status).toBe(202);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'content type %s is a 415',
    async (type) => {
      const answer = await post('{"name":"Asha"}', { ...authorized, 'content-type': type });
      expect([answer.status, answer.error.code]).toEqual([415, 'unsupported_media_type']);
    },
  );

  test('an unknown content encoding is a 415', async () => {
    const answer = await post('{"name":"Asha"}', { ...authorized, 'content-encoding': 'zstd' });
    expect([answer.status, answer.error.code]).toEqual([415, 'unsupported_media_type']);
  });

  test('an unknown path is a 404, a wrong method a 405 that says what is allowed', async () => {
    const unknown = await fetch(`${url}/nothing`);
    expect([unknown.status, ((await unknown.json()) as { error: { code: string } }).error.code]).toEqual([
      404,
      'not_found',
    ]);
    const wrongMethod = await fetch(`${url}/names`, { method: 'DELETE' });
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('what may pass by itself is a 503 with Retry-After; what is unexpected a 500; neither shows its inside', async () => {
    const busy = await fetch(`${url}/busy`);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '2']);
    const broken = await fetch(`${url}/broken`);
    expect(broken.status).toBe(500);
    expect(`${await busy.text()}${await broken.text()}`).not.toMatch(/secret|stack|TypeError/);
    expect(lines.join('')).toMatch(/secret-internals/);
  });

  test('a well-formed traceparent is carried on, another one is replaced', async () => {
    const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const kept = (await (await fetch(`${url}/names/a`, { headers: { traceparent: given } })).json()) as {
      traceparent: string;
    };
    expect(kept.traceparent).toBe(given);
    const replaced = (await (await fetch(`${url}/names/a`, { headers: { traceparent: '00-junk' } })).json()) as {
      traceparent: string;
    };
    expect(replaced.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
});
