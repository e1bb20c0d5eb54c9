import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach } from '@jest/globals';
import { inheritedVariables } from '../../environment/inherited-variables.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

let folder = '';
const cleanUps: (() => Promise<unknown>)[] = [];

/** Call it in a test file: each of its tests then gets a folder of its own, and leaves nothing running. */
export function cleanUpAfterEach(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    await rm(folder, { recursive: true, force: true });
  });
}

/** Holds what the test writes, and the temporary folders of the demo. */
export function testFolder(): string {
  return folder;
}

export function onCleanUp(cleanUp: () => Promise<unknown>): void {
  cleanUps.push(cleanUp);
}

export interface Run {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  readonly exitCode: Promise<number | null>;
}

export function startDemo(args: readonly string[], environment: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...inheritedVariables(), TMPDIR: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  // 'close' comes after the last output.
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  onCleanUp(() => {
    child.kill('SIGKILL');
    return exitCode;
  });
  return { child, output, exitCode };
}

export async function demo(
  args: readonly string[],
  environment?: Record<string, string>,
): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const run = startDemo(args, environment);
  const exitCode = await run.exitCode;
  return { exitCode, ...run.output };
}

/** The figures behind a name in the table. */
export function figuresOf(stdout: string, name: string): string[] {
  return new RegExp(`^${name} {2,}(.*)$`, 'm').exec(stdout)?.[1]?.split(/ +/) ?? [];
}

export async function csvOf(...lines: readonly string[]): Promise<string> {
  const path = join(folder, 'purchases.csv');
  await writeFile(path, ['userId,transactionId', ...lines, ''].join('\n'));
  return path;
}

/** An intake that answers as the test says; the handler gets the parsed body. */
export async function stubIntake(
  handle: (
    request: IncomingMessage,
    body: { userId: string },
  ) => { status: number; body?: unknown; headers?: Record<string, string> },
): Promise<string> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const {
      status,
      body = {},
      headers = {},
    } = handle(request, JSON.parse(text === '' ? '{}' : text) as { userId: string });
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
  const server: Server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanUp(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}
