import { inspect } from 'node:util';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { httpAnswer, startRawServer, type RawServer } from '../testing/raw-server.ts';
import { createHttpClient, type HttpAnswer, type HttpClient } from './http-client.ts';

const MAX_BYTES = 65_536;
const TOKEN = '123456:token-that-nobody-may-see';

let server: RawServer | undefined;
let client: HttpClient | undefined;

afterEach(async () => {
  client?.close();
  await server?.close();
  client = server = undefined;
});

async function answering(answer: (socket: Socket, request: Buffer) => void): Promise<HttpClient> {
  server = await startRawServer(answer);
  client = createHttpClient({
    root: `${server.url}/bot${TOKEN}/`,
    headers: { Authorization: `Bearer ${TOKEN}` },
    secrets: [TOKEN],
    maxAnswerBytes: MAX_BYTES,
  });
  return client;
}

async function post(http: HttpClient, timeoutMs = 5_000, signal?: AbortSignal): Promise<HttpAnswer> {
  return http.post('call', { userId: 'private-user-7' }, { timeoutMs, signal });
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => {
      throw new Error('The call succeeded');
    },
    (error: unknown) => error,
  );
}

const ENCODERS = { gzip: gzipSync, 'x-gzip': gzipSync, GZIP: gzipSync, deflate: deflateSync, br: brotliCompressSync };

describe('the size of an answer', () => {
  test.each(Object.entries(ENCODERS))('one that is encoded as %s is read', async (encoding, encode) => {
    const http = await answering((socket) =>
      socket.write(httpAnswer(encode('{"ok":true}'), { 'Content-Encoding': encoding })),
    );
    expect(await post(http)).toMatchObject({ status: 200, text: '{"ok":true}' });
  });

  test('the largest is read, and one byte more is none', async () => {
    let size = MAX_BYTES;
    const http = await answering((socket) => socket.write(httpAnswer('x'.repeat(size))));
    expect((await post(http)).text).toHaveLength(MAX_BYTES);
    size += 1;
    expect(await failureOf(post(http))).toMatchObject({
      name: 'HttpCallError',
      fault: 'unreadable',
      code: 'ANSWER_TOO_LARGE',
    });
  });

  test.each(Object.entries(ENCODERS))(
    'one that %s makes small is measured as it is inflated',
    async (encoding, encode) => {
      const http = await answering((socket) =>
        socket.write(httpAnswer(encode('x'.repeat(MAX_BYTES + 1)), { 'Content-Encoding': encoding })),
      );
      expect(await failureOf(post(http))).toMatchObject({ fault: 'unreadable', code: 'ANSWER_TOO_LARGE' });
    },
  );

  test.each([
    ['plain bytes', '', Buffer.alloc(16_384, 'x')],
    [
      'a gzip of nothing, again and again',
      'Content-Encoding: gzip\r\n',
      Buffer.concat(Array.from({ length: 800 }, () => gzipSync(''))),
    ],
  ])('one without end (%s) is cut off with its connection', async (_name, headers, chunk) => {
    const http = await answering((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${headers}Transfer-Encoding: chunked\r\n\r\n`);
      const more = (): void => {
        while (
          !socket.destroyed &&
          socket.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]))
        );
        if (!socket.destroyed) socket.once('drain', more);
      };
      more();
    });
    expect(await failureOf(post(http))).toMatchObject({ fault: 'unreadable', code: 'ANSWER_TOO_LARGE' });
    await eventually(() => server?.open === 0);
  });

  test.each([
    ['what is no gzip', 'gzip', 'no gzip', 'ANSWER_ENCODING'],
    ['half of a gzip', 'gzip', gzipSync('x'.repeat(1_000)).subarray(0, 15), 'ANSWER_ENCODING'],
    ['an encoding that nobody asked for', 'zstd', 'x', 'ANSWER_ENCODING'],
    ['two encodings', 'gzip, gzip', 'x', 'ANSWER_ENCODING'],
    ['the name of a method of objects', 'constructor', 'x', 'ANSWER_ENCODING'],
    ['bytes that are no UTF-8', 'identity', Buffer.from('{"ok":true,"result":"caf\xe9"}', 'latin1'), 'ANSWER_NOT_UTF8'],
    ['bytes that are no UTF-8 in a gzip', 'gzip', gzipSync(Buffer.from([0x22, 0xff, 0x22])), 'ANSWER_NOT_UTF8'],
  ])('%s is no answer', async (_name, encoding, body, code) => {
    const http = await answering((socket) => socket.write(httpAnswer(body, { 'Content-Encoding': encoding })));
    expect(await failureOf(post(http))).toMatchObject({ fault: 'unreadable', code });
  });
});

describe('the time of an answer', () => {
  test.each([
    ['its head', (socket: Socket) => socket.write('H')],
    ['its body', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n')],
    ['its body in chunks', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')],
  ])('ends at the deadline when %s comes a byte at a time', async (where, begin) => {
    const http = await answering((socket) => {
      begin(socket);
      const rest = where === 'its head' ? 'TTP/1.1 200 OK\r\nX: '.split('') : [];
      const timer = setInterval(
        () => socket.write(where.endsWith('chunks') ? '1\r\nx\r\n' : (rest.shift() ?? 'x')),
        10,
      );
      socket.on('close', () => clearInterval(timer));
    });
    const startedAt = performance.now();
    expect(await failureOf(post(http, 300))).toMatchObject({ fault: 'timed_out', code: 'ETIMEDOUT' });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await eventually(() => server?.open === 0);
  });

  test('ends at the deadline when 1xx answers go on and on', async () => {
    const http = await answering((socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 10);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await failureOf(post(http, 300))).toMatchObject({ fault: 'timed_out' });
  });

  test('ends when the caller gives up', async () => {
    const caller = new AbortController();
    const http = await answering(() => caller.abort());
    expect(await failureOf(post(http, 5_000, caller.signal))).toMatchObject({
      fault: 'timed_out',
      code: 'ERR_CANCELED',
    });
  });
});

describe('a call', () => {
  test('does not follow a redirect: it is an answer', async () => {
    const http = await answering((socket) =>
      socket.write(httpAnswer('', { Location: '/elsewhere' }, '307 Temporary Redirect')),
    );
    expect(await post(http)).toMatchObject({ status: 307, text: '' });
    expect(server?.connections).toBe(1);
  });

  test('uses the connection of the one before, and close cuts it', async () => {
    const http = await answering((socket) => socket.write(httpAnswer('{}', { Date: 'Sat, 28 Nov 2026 05:00:00 GMT' })));
    for (let call = 0; call < 3; call += 1) expect((await post(http)).serverTimeMs).toBe(Date.UTC(2026, 10, 28, 5));
    expect([server?.connections, server?.open]).toEqual([1, 1]);
    http.close();
    await eventually(() => server?.open === 0);
  });

  test('tells a connection that never came about from one that broke', async () => {
    const http = await answering((socket) => socket.destroy());
    expect(await failureOf(post(http))).toMatchObject({ fault: 'broken_off', code: 'ECONNRESET' });
    await server?.close();
    expect(await failureOf(post(http))).toMatchObject({ fault: 'never_connected', code: 'ECONNREFUSED' });
    server = undefined;
  });

  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a status line that quotes the request', `HTTP/1.1 2x0 ${TOKEN}\r\n\r\n`],
    ['a head of 100 KB', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['half an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
  ])('that is answered with %s fails, and its error shows nothing of the request', async (_name, bytes) => {
    const http = await answering((socket) => socket.end(bytes));
    const failure = await failureOf(post(http));
    expect(failure).toMatchObject({ name: 'HttpCallError', fault: 'broken_off' });
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('nobody-may-see');
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('private-user-7');
  });

  test('repeats what is safe to repeat, so many times and no more', async () => {
    const http = await answering((socket) => socket.end(httpAnswer('{}')));
    const failing = (isSafe: boolean): Promise<number> => {
      let times = 0;
      const work = (): Promise<never> => {
        times += 1;
        return Promise.reject(new Error('no'));
      };
      return http.repeat(work, { times: 2, afterMs: 1, isSafe: () => isSafe }).catch(() => times);
    };
    expect(await failing(true)).toBe(3);
    expect(await failing(false)).toBe(1);
  });

  test('repeats nothing once it is closed', async () => {
    const http = await answering((socket) => socket.end(httpAnswer('{}')));
    let times = 0;
    const work = (): Promise<never> => {
      times += 1;
      http.close();
      return Promise.reject(new Error('cut'));
    };
    await expect(http.repeat(work, { times: 2, afterMs: 1, isSafe: () => true })).rejects.toThrow('cut');
    expect(times).toBe(1);
  });

  test('quotes an answer without what was sent and without secrets', async () => {
    const http = await answering((socket, request) => socket.write(httpAnswer(request.toString())));
    const answer = await post(http);
    expect(answer.text).toContain(TOKEN);
    const quoted = answer.quote(answer.text);
    expect(quoted).toContain('POST [redacted]/call');
    expect(quoted).not.toMatch(/nobody-may-see|private-user-7/);
  });
});
