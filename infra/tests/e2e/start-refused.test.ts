import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, postPurchase } from './harness/buyer.ts';
import { expectPromiseKept, join as enter } from './harness/promise.ts';
import type { SystemProcess } from './harness/system-process.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

/** What is said to the person at the terminal: a few lines without a stack. */
async function refusalOf(process: SystemProcess, code: number): Promise<string> {
  expect(await process.exited).toEqual({ code, signal: null });
  expect(process.stderr).not.toMatch(/^\s+at |node:internal|\.ts:\d+/m);
  expect(process.stderr).not.toContain('Ready on');
  return process.stderr;
}

describe('settings that are missing or wrong', () => {
  test('stop the start with code 2, each named with what would be right, and no value quoted', async () => {
    const world = await openWorld();
    const wrong = {
      BACKEND: 'wrong-mainframe',
      PORT: 'wrong-port',
      LOG_LEVEL: 'wrong-level',
      INTAKE_API_KEYS: 'wrong key,,other',
      OPERATOR_API_KEYS: 'wrong-key-without-a-name',
      TELEGRAM_BOT_TOKEN: 'wrong-token-without-colon',
      TELEGRAM_CHAT_ID: 'wrong chat',
      TELEGRAM_API_ROOT: 'ftp://wrong.example',
      TELEGRAM_WEBHOOK_SECRET: 'wrong secret!',
      TELEGRAM_UPDATES: 'wrong-way',
      WEBENGAGE_LICENSE_CODE: 'wrong/licence',
      WEBENGAGE_API_KEY: 'wrong key with blanks',
      WEBENGAGE_API_ROOT: 'wrong-root',
      BASE_URL: 'https://wrong.example/?query=1',
      MAX_ATTEMPTS: '0',
      BASE_BACKOFF_SEC: '-1',
      SAFE_RPS_SLEEP_MS: '1.5',
      TASKS_MAX_DISPATCHES_PER_SECOND: 'wrong-fast',
      TASKS_MAX_CONCURRENT_DISPATCHES: '1e9',
      LINK_TTL_HOURS: 'wrong-hours',
    };
    const said = await refusalOf(world.spawn({ settings: wrong }), 2);
    expect(said).toContain(`${Object.keys(wrong).length} problems`);
    for (const name of Object.keys(wrong)) expect(said).toMatch(new RegExp(`^  - ${name} must be .+ \\(.+\\)$`, 'm'));
    expect(said).not.toContain('wrong');
  });

  test('that are absent are listed too, empty ones as well', async () => {
    const world = await openWorld();
    const absent = {
      INTAKE_API_KEYS: '',
      OPERATOR_API_KEYS: '',
      TELEGRAM_CHAT_ID: '  ',
      TELEGRAM_WEBHOOK_SECRET: '',
      WEBENGAGE_LICENSE_CODE: '',
    };
    const said = await refusalOf(world.spawn({ settings: absent }), 2);
    for (const name of Object.keys(absent)) expect(said).toMatch(new RegExp(`^  - ${name} is missing: .+`, 'm'));
    expect(said.match(/^ {2}- /gm)).toHaveLength(Object.keys(absent).length);
  });

  test('have an old name that still counts: TELEGRAM_CHANNEL_ID', async () => {
    const world = await openWorld();
    await world.start({
      settings: { TELEGRAM_CHAT_ID: '', TELEGRAM_CHANNEL_ID: world.settings()['TELEGRAM_CHAT_ID'] ?? '' },
    });
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await expectPromiseKept(world, { purchases: [purchase] });
  });
});

describe('a place that cannot be used', () => {
  test('a port in use: code 1, the port named, and the data folder is free again', async () => {
    const world = await openWorld();
    const other = createServer();
    other.listen(Number(new URL(world.url).port), '127.0.0.1');
    await once(other, 'listening');
    const said = await refusalOf(world.spawn(), 1);
    expect(said).toContain(`PORT ${new URL(world.url).port} is in use`);
    expect(said).toMatch(/in use/i);
    other.close();
    await once(other, 'close');
    await world.start();
  });

  test('a port of the simulators in use: code 1, and the setting that gives them another', async () => {
    const world = await openWorld();
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const simulated = { WEBENGAGE_API_KEY: '', WEBENGAGE_LICENSE_CODE: '', WEBENGAGE_API_ROOT: '' };
    expect(await refusalOf(world.spawn({ settings: { ...simulated, SIMULATOR_PORT: String(port) } }), 1)).toContain(
      `SIMULATOR_PORT ${port} is in use`,
    );
    expect(await refusalOf(world.spawn({ settings: { ...simulated, PORT: String(port - 10) } }), 1)).toMatch(
      new RegExp(`SIMULATOR_PORT .*PORT \\+ 10:\\) ${port} is in use`),
    );
    other.close();
    await once(other, 'close');
    await world.start();
  });

  // From RFC 5737, a name that never is (RFC 6761), and what is no address.
  test.each(['203.0.113.7', 'host.invalid', '1.2.3.4.5', '::ffff:1:2:3'])(
    "a HOST that is not this machine's (%s): code 2, the setting named",
    async (HOST) => {
      const world = await openWorld();
      expect(await refusalOf(world.spawn({ settings: { HOST } }), 2)).toContain(
        `HOST ${HOST} is no address that this machine can listen on`,
      );
    },
  );

  test('a DATA_DIR that another process uses: code 1, and the other one is not disturbed', async () => {
    const world = await openWorld();
    const first = await world.start();
    const said = await refusalOf(world.spawn({ settings: { PORT: '0' } }), 1);
    expect(said).toContain(world.dataDir);
    expect(said).toMatch(/in use by another process/);
    expect(first.isRunning).toBe(true);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await expectPromiseKept(world, { purchases: [purchase] });
  });

  test.each<[string, (file: string) => void, RegExp]>([
    [
      'no database',
      (file) => writeFileSync(file, 'this was never a database '.repeat(400)),
      /damaged or not a database/,
    ],
    ['overwritten from its first byte', overwriteHead, /damaged or not a database/],
    ['of a newer version', (file) => setUserVersion(file, 99), /newer version/],
    ['of another program', (file) => setUserVersion(file, 0), /another program/],
  ])(
    'a database file that is %s: code 1, the file left as it is, and nothing acknowledged',
    async (_what, spoil, words) => {
      const world = await openWorld();
      await world.start();
      await buy(world.url, { userId: 'u', transactionId: 't' });
      expect(await world.process.stop()).toEqual({ code: 0, signal: null });
      const file = join(world.dataDir, 'store.db');
      spoil(file);
      const before = readFileSync(file);
      const spoiled = world.spawn();
      const answers = await answersUntilGone(world, spoiled);
      const said = await refusalOf(spoiled, 1);
      expect(said).toContain(file);
      expect(said).toMatch(words);
      expect(answers).toEqual([]);
      expect(readFileSync(file).equals(before)).toBe(true);
    },
  );

  test('a DATA_DIR that is a file, or lies below one: code 1', async () => {
    const world = await openWorld();
    const file = join(world.dataDir, 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below')]) {
      expect(await refusalOf(world.spawn({ settings: { DATA_DIR: path } }), 1)).toContain(path);
    }
  });

  test('a store.db that is a folder: code 1', async () => {
    const world = await openWorld();
    mkdirSync(join(world.dataDir, 'store.db'));
    expect(await refusalOf(world.spawn(), 1)).toContain(world.dataDir);
  });
});

describe('a side that is away at the start', () => {
  test('Telegram refuses the webhook: purchases are taken all the same, and joins as soon as it is registered', async () => {
    const world = await openWorld();
    world.telegram.faults.next('setWebhook', {
      kind: 'answer',
      status: 400,
      body: { ok: false, error_code: 400, description: 'Bad Request: bad webhook: IP address 127.0.0.1 is reserved' },
    });
    const process = world.spawn();
    await process.ready(world.url);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await expectPromiseKept(world, { purchases: [purchase] });
    expect(process.stdout).toContain('joins are not reported');
    await eventually(() => world.telegram.calls.of('setWebhook') === 2);
    const joined = await enter(world, purchase);
    expect(await expectPromiseKept(world, { purchases: [purchase], joins: [joined] })).toEqual({
      orphans: 0,
      repeats: 0,
    });
  });
});

function setUserVersion(file: string, version: number): void {
  const bytes = readFileSync(file);
  // https://www.sqlite.org/fileformat.html: the user version is a big-endian number at offset 60.
  bytes.writeInt32BE(version, 60);
  writeFileSync(file, bytes);
}

function overwriteHead(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 0, 4_096);
  writeFileSync(file, bytes);
}

/** Purchases that got any answer while the process was on its way out. */
async function answersUntilGone(world: World, process: SystemProcess): Promise<readonly number[]> {
  const answers: number[] = [];
  while (process.isRunning) {
    const answer = await postPurchase(world.url, { userId: 'unlucky', transactionId: 't' }).catch(() => undefined);
    if (answer !== undefined) answers.push(answer.status);
  }
  return answers;
}
