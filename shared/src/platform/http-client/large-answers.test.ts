import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const CALLER = fileURLToPath(new URL('./testing/call-once.ts', import.meta.url));
const MB = 1_048_576;

let server: Server;
let gzipped: Buffer;

beforeAll(async () => {
  gzipped = await gzipOfZeros(400 * MB);
  server = createServer((request, response) => {
    request.resume();
    if (request.url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipped);
    else pour(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

test.each([
  ['a gzip of 400 KB that holds 400 MB', '/gzip'],
  ['a plain one without end', '/plain'],
])('an answer that is too large costs next to nothing: %s', async (_name, path) => {
  const address = server.address();
  const child = spawn(
    process.execPath,
    [CALLER, `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`, path],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await once(child, 'close');
  const { code, grownBytes, tookMs } = JSON.parse(printed) as { code: string; grownBytes: number; tookMs: number };
  expect(code).toBe('ANSWER_TOO_LARGE');
  expect(grownBytes).toBeLessThan(40 * MB);
  expect(tookMs).toBeLessThan(3_000);
});

function pour(response: ServerResponse): void {
  const chunk = Buffer.alloc(65_536);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

async function gzipOfZeros(bytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const parts: Buffer[] = [];
  gzip.on('data', (part: Buffer) => parts.push(part));
  const zeros = Buffer.alloc(4 * MB);
  for (let written = 0; written < bytes; written += zeros.length) if (!gzip.write(zeros)) await once(gzip, 'drain');
  gzip.end();
  await once(gzip, 'end');
  return Buffer.concat(parts);
}
