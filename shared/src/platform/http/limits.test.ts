import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { openHttpEdge, type Dialed, type HttpEdge } from '../testing/http-edge.ts';
import { apiKeyAuthentication, headerSecretAuthentication } from './authenticate.ts';
import { readBytes } from './read-bytes.ts';
import type { Route } from './route.ts';
import { Share } from './share.ts';

const AT_ONCE = 8;
/** More than the system keeps for a caller who does not read. */
const LARGE = 'x'.repeat(8_000_000);

const taken: Pick<Route, 'method' | 'handle' | 'atOnce'> = {
  method: 'POST',
  atOnce: AT_ONCE,
  handle: () => Promise.resolve({ status: 200, body: { ok: true } }),
};
const routes: readonly Route[] = [
  { ...taken, path: '/purchases', authenticate: apiKeyAuthentication(['one', 'two']) },
  { ...taken, path: '/updates', authenticate: headerSecretAuthentication('x-secret', ['three', 'four']) },
  {
    method: 'GET',
    path: '/large',
    atOnce: AT_ONCE,
    authenticate: apiKeyAuthentication(['one', 'two']),
    handle: () => Promise.resolve({ status: 200, body: LARGE, contentType: 'text/plain' }),
  },
  { method: 'GET', path: '/healthz', handle: () => Promise.resolve({ status: 200, body: { ok: true } }) },
];

let edge: HttpEdge;

afterEach(() => edge.close());

const ONE = 'X-Api-Key: one';
const TWO = 'X-Api-Key: two';
const THREE = 'X-Secret: three';

function half(path: string, key: string, encoding = 'identity'): Dialed {
  return edge.dial(
    `POST ${path} HTTP/1.1\r\nHost: x\r\n${key}\r\nContent-Type: application/json\r\nContent-Encoding: ${encoding}\r\nContent-Length: 100\r\n\r\n{`,
  );
}

async function statusOf(path: string, key: string): Promise<number> {
  const [name = '', value = ''] = key.split(': ');
  return (
    await fetch(edge.url + path, {
      method: 'POST',
      headers: { [name]: value, 'content-type': 'application/json' },
      body: '{}',
    })
  ).status;
}

/** Of one connection more than the share holds, one is refused: then, and not before, the others hold all of it. */
async function fillShare(open: (index: number) => Dialed): Promise<readonly Dialed[]> {
  const halves = Array.from({ length: AT_ONCE + 1 }, (_, index) => open(index));
  await eventually(() => halves.some(({ closed }) => closed()));
  return halves;
}

describe('what one caller has under way', () => {
  test('is limited on each route by itself: half bodies of one stop nobody else', async () => {
    edge = await openHttpEdge(routes);
    const halves = Array.from({ length: 50 }, () => half('/purchases', ONE));
    await eventually(() => halves.filter(({ closed }) => closed()).length === halves.length - AT_ONCE);
    expect(halves.filter(({ received }) => received().startsWith('HTTP/1.1 429 ')).length).toBe(
      halves.length - AT_ONCE,
    );
    expect(
      await Promise.all([statusOf('/purchases', ONE), statusOf('/purchases', TWO), statusOf('/updates', THREE)]),
    ).toEqual([429, 200, 200]);
    expect((await fetch(`${edge.url}/healthz`)).status).toBe(200);
  });

  test('is one share for two secrets of one caller, who changes from one to the other', async () => {
    edge = await openHttpEdge(routes);
    const halves = await fillShare((index) => half('/updates', index % 2 === 0 ? THREE : 'X-Secret: four'));
    expect(await statusOf('/updates', THREE)).toBe(429);
    for (const { socket } of halves) socket.destroy();
  });

  test.each(['identity', 'gzip', 'x-gzip', 'deflate', 'br', 'gzip, br'])(
    'is given back when a body in %s breaks off, by an end or a reset',
    async (encoding) => {
      edge = await openHttpEdge(routes);
      for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
        const halves = await fillShare(() => half('/purchases', ONE, encoding));
        expect(await statusOf('/purchases', ONE)).toBe(429);
        for (const { socket } of halves) socket[leave]();
        await eventually(async () => (await statusOf('/purchases', ONE)) === 200);
      }
    },
  );

  test('holds nothing without a valid key', async () => {
    edge = await openHttpEdge(routes);
    const halves = Array.from({ length: 50 }, () => half('/purchases', 'X-Api-Key: wrong'));
    await eventually(() => halves.every(({ closed }) => closed()));
    expect(new Set(halves.map(({ received }) => received().slice(0, 12)))).toEqual(new Set(['HTTP/1.1 401']));
  });

  test('lasts until its answer has been taken, also the answers that wait behind it on the connection', async () => {
    edge = await openHttpEdge(routes);
    const get = `GET /large HTTP/1.1\r\nHost: x\r\n${ONE}\r\n\r\n`;
    const { socket } = edge.dial(get.repeat(AT_ONCE));
    socket.pause();
    const status = async (key: string): Promise<number> => {
      const response = await fetch(`${edge.url}/large`, { headers: { 'x-api-key': key } });
      await response.arrayBuffer();
      return response.status;
    };
    await eventually(async () => (await status('one')) === 429);
    expect(await status('two')).toBe(200);
    socket.destroy();
    await eventually(async () => (await status('one')) === 200);
  });

  test('is counted in bytes, too: of large bodies there may be fewer', () => {
    const share = new Share(1_000);
    const MIB = 1_024 * 1_024;
    const back = Array.from({ length: 4 }, () => share.take('push', 15 * MIB));
    expect(() => share.take('push', 15 * MIB)).toThrow('too many requests');
    share.take('push', 4 * MIB);
    share.take('another', 15 * MIB);
    back[0]?.();
    share.take('push', 15 * MIB);
  });
});

describe('a connection that stands still', () => {
  test.each([
    ['no byte', ''],
    ['half a request line', 'POST /purch'],
    ['half a head', 'POST /purchases HTTP/1.1\r\nHost: x\r\nX-A'],
  ])('with %s is cut by the deadline of a head', async (_what, bytes) => {
    edge = await openHttpEdge(routes, { headMs: 200 });
    const dialed = edge.dial(bytes);
    await eventually(() => dialed.closed());
    expect(dialed.received()).toMatch(
      /^HTTP\/1\.1 408 [^]*\r\nConnection: close\r\n\r\n\{"ok":false,"error":\{"code":"request_timeout"/,
    );
  });

  test('after an answer is kept longer than that, until its own time is over', async () => {
    edge = await openHttpEdge(routes, { headMs: 100, keepAliveMs: 1_500 });
    const get = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
    const dialed = edge.dial(get);
    await eventually(() => dialed.received().includes('{"ok":true}'));
    const other = edge.dial('POST /purch');
    // The other one is cut by the head's deadline, several times over; this one goes on.
    await eventually(() => other.closed());
    dialed.socket.write(get);
    await eventually(() => dialed.received().split('{"ok":true}').length === 3);
    await eventually(() => dialed.closed());
  });

  test('with a body that nobody asked for is closed after its answer', async () => {
    edge = await openHttpEdge(routes);
    const dialed = edge.dial('GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
    await eventually(() => dialed.closed());
    expect(dialed.received()).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('with a body that does not go on, or only drop by drop, is a 408 at the deadline of the body', async () => {
    edge = await openHttpEdge(routes);
    const outcomes: unknown[] = [];
    const server = createServer((request: IncomingMessage, response) => {
      Promise.resolve(readBytes(request, 100, 200)).catch((error: unknown) => {
        outcomes.push(error);
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await eventually(() => server.listening);
    const sockets = [1, 2].map(() => connect((server.address() as AddressInfo).port, '127.0.0.1'));
    for (const socket of sockets)
      socket.on('error', () => undefined).write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n');
    const drip = setInterval(() => sockets[0]?.write('x'), 20);
    await eventually(() => outcomes.length === 2);
    clearInterval(drip);
    expect(outcomes).toMatchObject([{ code: 'request_timeout' }, { code: 'request_timeout' }]);
    server.close();
    server.closeAllConnections();
  });
});

test('of requests that are sent ahead on one connection a hundred wait, and the next one ends it', async () => {
  edge = await openHttpEdge(routes);
  const dialed = edge.dial('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000));
  await eventually(() => dialed.closed());
  expect([...dialed.received().matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status)).toEqual([
    ...Array.from({ length: 101 }, () => '200'),
    '429',
  ]);
  const again = edge.dial('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50));
  await eventually(() => again.received().split('{"ok":true}').length === 51);
});

test.each([
  ['noise', '\u0000\u0001\r\n\r\n', 400, 'invalid_request'],
  [
    'a head that is too large',
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  [
    'another expectation',
    'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n',
    200,
    undefined,
  ],
  ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400, 'invalid_request'],
])('%s is answered in the form of the contract', async (_what, bytes, status, code) => {
  edge = await openHttpEdge(routes);
  const dialed = edge.dial(bytes);
  await eventually(() => dialed.closed());
  const [head = '', body = ''] = dialed.received().split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(body)).toMatchObject(code === undefined ? { ok: true } : { ok: false, error: { code } });
});
