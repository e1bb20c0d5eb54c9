import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { httpAnswer, startRawServer, type RawServer } from '../testing/raw-server.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { proxyFor } from './proxy.ts';

const PROXY = 'http://proxy.example:3128';

describe('the proxy of a call', () => {
  test.each([
    ['none', 'https://api.telegram.org', {}, undefined],
    ['HTTPS_PROXY for https', 'https://api.telegram.org', { HTTPS_PROXY: PROXY }, 'HTTPS_PROXY'],
    ['HTTPS_PROXY not for http', 'http://bot-api.example:8081', { HTTPS_PROXY: PROXY }, undefined],
    ['HTTP_PROXY for http', 'http://bot-api.example:8081', { HTTP_PROXY: PROXY }, 'HTTP_PROXY'],
    ['HTTP_PROXY not for https', 'https://api.telegram.org', { HTTP_PROXY: PROXY }, undefined],
    ['ALL_PROXY for either', 'https://api.telegram.org', { ALL_PROXY: PROXY }, 'ALL_PROXY'],
    [
      'small letters first',
      'https://api.telegram.org',
      { HTTPS_PROXY: 'http://other', https_proxy: PROXY },
      'https_proxy',
    ],
    ['an empty one is none', 'https://api.telegram.org', { https_proxy: ' ', HTTPS_PROXY: '' }, undefined],
    ...[
      'http://127.0.0.1:8090',
      'http://127.9.9.9',
      'http://localhost:1',
      'http://LOCALHOST',
      'http://a.localhost',
      'http://[::1]:8090',
      'http://[::ffff:127.0.0.1]',
      'http://0.0.0.0',
      'http://2130706433',
      'http://localhost.',
    ].map((root) => [`none for loopback (${root})`, root, { HTTP_PROXY: PROXY }, undefined] as const),
    ...[
      'api.telegram.org',
      'telegram.org',
      '.telegram.org',
      '*.telegram.org',
      'API.Telegram.Org',
      '*',
      'a.example api.telegram.org',
      'a.example,,telegram.org',
      'api.telegram.org:443',
      'api.telegram.org.',
    ].map(
      (noProxy) =>
        [
          `none as NO_PROXY says (${noProxy})`,
          'https://api.telegram.org',
          { HTTPS_PROXY: PROXY, NO_PROXY: noProxy },
          undefined,
        ] as const,
    ),
    ...['org.example', 'elegram.org', 'api.telegram.org.example', 'api.telegram.org:8443', '.', '*.', ','].map(
      (noProxy) =>
        [
          `as before when NO_PROXY names another (${noProxy})`,
          'https://api.telegram.org',
          { HTTPS_PROXY: PROXY, NO_PROXY: noProxy },
          'HTTPS_PROXY',
        ] as const,
    ),
    ...['10.1.2.3', '10.0.0.0/8', '10.1.2.3/32', '10.1.2.3:8081'].map(
      (noProxy) =>
        [
          `none for an address (${noProxy})`,
          'http://10.1.2.3:8081',
          { HTTP_PROXY: PROXY, no_proxy: noProxy },
          undefined,
        ] as const,
    ),
    ...['10.2.0.0/16', '10.1.2', '1.2.3', '10.1.2.3/99', 'fd00::/8'].map(
      (noProxy) =>
        [
          `as before for another address (${noProxy})`,
          'http://10.1.2.3:8081',
          { HTTP_PROXY: PROXY, no_proxy: noProxy },
          'HTTP_PROXY',
        ] as const,
    ),
    ...['fd00::5', '[fd00::5]', '[fd00::5]:8081', 'fd00::/8'].map(
      (noProxy) =>
        [
          `none for an IPv6 address (${noProxy})`,
          'http://[fd00::5]:8081',
          { HTTP_PROXY: PROXY, NO_PROXY: noProxy },
          undefined,
        ] as const,
    ),
  ])('%s', (_name, root, environment, variable) => {
    expect(proxyFor(root, environment)?.variable).toBe(variable);
  });

  test('is shown without its user and password, and may lack its scheme', () => {
    expect(proxyFor('https://api.telegram.org', { HTTPS_PROXY: 'ada:pass@proxy.example:3128' })).toEqual({
      variable: 'HTTPS_PROXY',
      url: 'http://ada:pass@proxy.example:3128',
      origin: 'http://proxy.example:3128',
    });
  });

  test.each(['socks5://ada:sesame@proxy.example', 'ftp://ada:sesame@x', 'http://ada:sesame@', '://'])(
    '%s is refused, and what is in it not told',
    (value) => {
      const read = (): unknown => proxyFor('https://api.telegram.org', { HTTPS_PROXY: value });
      expect(read).toThrow(/HTTPS_PROXY must be the URL of a proxy/);
      expect(read).not.toThrow(/sesame/);
    },
  );
});

describe('a call through a proxy', () => {
  let proxy: RawServer | undefined;
  let client: HttpClient | undefined;
  const seen: string[] = [];

  afterEach(async () => {
    client?.close();
    await proxy?.close();
    seen.length = 0;
  });

  async function through(answer: (socket: Socket, request: Buffer) => void, root: string): Promise<HttpClient> {
    proxy = await startRawServer((socket, request) => {
      seen.push(request.toString('latin1'));
      answer(socket, request);
    });
    client = createHttpClient({
      root,
      secrets: ['hidden'],
      maxAnswerBytes: 65_536,
      proxy: proxyFor(root, { ALL_PROXY: proxy.url.replace('//', '//ada:pa%40ss@') }),
    });
    return client;
  }

  test('of http is made at the proxy, by whole URL, and with its password', async () => {
    const http = await through((socket) => socket.write(httpAnswer('{}')), 'http://bot-api.example:8081');
    for (let call = 0; call < 2; call += 1)
      expect(await http.post('/x', {}, { timeoutMs: 5_000 })).toMatchObject({ status: 200, text: '{}' });
    expect(seen[0]).toMatch(/^POST http:\/\/bot-api\.example:8081\/x HTTP\/1\.1\r\n/);
    expect(seen[0]).toContain(Buffer.from('ada:pa@ss').toString('base64'));
    expect(proxy?.connections).toBe(1);
  });

  test('of https goes through a tunnel: the proxy sees the host, and nothing of the call', async () => {
    const http = await through((socket, request) => {
      if (request.toString().startsWith('CONNECT')) socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      else socket.destroy();
    }, 'https://api.telegram.org');
    await expect(http.post('/bothidden/getMe', { userId: 'hidden' }, { timeoutMs: 5_000 })).rejects.toMatchObject({
      fault: 'broken_off',
    });
    expect(seen[0]).toMatch(/^CONNECT api\.telegram\.org:443 HTTP\/1\.1\r\n/);
    // The first record of TLS: a handshake.
    expect(seen[1]?.charCodeAt(0)).toBe(22);
    expect(seen.join()).not.toContain('hidden');
  });

  test('that makes no tunnel has passed nothing on, and its words are told without secrets', async () => {
    const http = await through(
      (socket) => socket.end('HTTP/1.1 407 give me hidden or https://t.me/+Ab-Cd_Ef0123456\r\n\r\n'),
      'https://api.telegram.org',
    );
    const failure: unknown = await http.post('/x', {}, { timeoutMs: 5_000 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      fault: 'never_connected',
      code: 'ERR_PROXY_TUNNEL',
      message: expect.stringContaining('407'),
    });
    expect(String(failure)).not.toMatch(/hidden|Ab-Cd|pa@ss|pa%40ss/);
  });

  test('that is silent ends at the deadline', async () => {
    const http = await through(() => undefined, 'https://api.telegram.org');
    await expect(http.post('/x', {}, { timeoutMs: 200 })).rejects.toMatchObject({ fault: 'timed_out' });
  });

  test('is not made to loopback, under any environment of the process', async () => {
    const server = createServer((request, response) => request.resume().on('end', () => response.end('{}'))).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const address = server.address();
    const before = process.env['http_proxy'];
    process.env['http_proxy'] = 'http://127.0.0.1:9';
    try {
      client = createHttpClient({
        root: `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`,
        secrets: [],
        maxAnswerBytes: 100,
      });
      expect(await client.post('/', {}, { timeoutMs: 5_000 })).toMatchObject({ status: 200 });
    } finally {
      if (before === undefined) delete process.env['http_proxy'];
      else process.env['http_proxy'] = before;
      server.close();
      server.closeAllConnections();
    }
  });
});
