import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { freePort } from '../free-port.ts';
import { readLocalSettings } from '../local/settings.ts';
import { startLocal, type LocalSystem } from '../local/start-local.ts';
import {
  cleanUpAfterEach,
  csvOf,
  demo,
  figuresOf,
  onCleanUp,
  startDemo,
  stubIntake,
  testFolder,
} from './testing/run-demo-process.ts';

cleanUpAfterEach();

async function startedSystem(): Promise<LocalSystem & { readonly simulatorUrl: string }> {
  const config = readLocalSettings({
    PORT: '0',
    DATA_DIR: join(testFolder(), 'data'),
    SAFE_RPS_SLEEP_MS: '0',
    TASKS_MAX_DISPATCHES_PER_SECOND: '200',
    TASKS_MAX_CONCURRENT_DISPATCHES: '10',
    SIMULATOR_LINKS_PER_SECOND: '1000',
  });
  const system = await startLocal(config, createLogger({ level: 'silent', secrets: [] }));
  onCleanUp(() => system.stop());
  return { ...system, simulatorUrl: system.simulators?.url ?? '' };
}

describe('a system of its own', () => {
  test('every purchase, link, event and join is there in the end, and nothing is left behind', async () => {
    // Real credentials in .env must not matter: with these the system would talk to a closed port.
    const real = {
      TELEGRAM_BOT_TOKEN: '1:real',
      TELEGRAM_CHAT_ID: '-1001',
      TELEGRAM_API_ROOT: 'http://127.0.0.1:9',
      WEBENGAGE_API_KEY: 'real',
      WEBENGAGE_LICENSE_CODE: 'real',
      BACKEND: 'gcp',
    };
    const { exitCode, stdout, stderr } = await demo(['--count', '30'], { ...real, INTAKE_API_KEYS: 'key-one,key-two' });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(figuresOf(stdout, 'purchases acknowledged')).toEqual(['30', '30']);
    expect(figuresOf(stdout, 'links')).toEqual(['30', '30']);
    expect(figuresOf(stdout, 'link events')).toEqual(['30', '30']);
    expect(figuresOf(stdout, 'joins')).toEqual(['18', '18']);
    expect(figuresOf(stdout, 'joined events')).toEqual(['18', '18']);
    expect(figuresOf(stdout, 'repeats ignored by WebEngage')).toEqual(['0']);
    expect(figuresOf(stdout, 'purchase to link')).toEqual([
      expect.stringMatching(/^\d+\.\d\d$/),
      expect.any(String),
      expect.any(String),
    ]);
    expect(figuresOf(stdout, 'join to joined event')).toHaveLength(3);
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    expect(await readdir(testFolder())).toEqual([]);
  });

  test('bad lines are told with their numbers, the good ones go through, and the exit code says that some are missing', async () => {
    const file = await csvOf('1,a', ',b', '"2,c', '3,d', '1,a', '4,');
    const { exitCode, stdout, stderr } = await demo(['--file', file, '--join-rate', '0']);
    expect(stderr).toContain('line 3: userId is empty\n');
    expect(stderr).toContain('line 4: a quote is opened and not closed\n');
    expect(figuresOf(stdout, 'link events')).toEqual(['3', '3']);
    expect(figuresOf(stdout, 'repeats ignored by intake')).toEqual(['1']);
    expect(figuresOf(stdout, 'unreadable lines')).toEqual(['2']);
    expect(stdout).toContain('Not everything that was asked for is there');
    expect(exitCode).toBe(1);
  });

  test('an interruption stops it and removes its data', async () => {
    const { child, output, exitCode } = startDemo(['--count', '100000']);
    await eventually(() => output.stdout.includes('purchases '));
    expect(await readdir(testFolder())).toHaveLength(1);
    // As npm does with a Ctrl-C: the terminal sends one, and npm another.
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await exitCode).toBe(130);
    expect(await readdir(testFolder())).toEqual([]);
  });
});

describe('a system that runs already', () => {
  test('is used through its public contract, and a second run finds everything done', async () => {
    const { url, simulatorUrl } = await startedSystem();
    const file = await csvOf(...Array.from({ length: 20 }, (_, index) => `user${index},txn${index}`), 'user20,');
    const args = ['--url', url, '--simulator-url', simulatorUrl, '--file', file, '--join-rate', '0.5'];
    const first = await demo(args);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(figuresOf(first.stdout, 'joined events')).toEqual(['11', '11']);

    const second = await demo(args);
    expect(second).toMatchObject({ exitCode: 0, stderr: '' });
    expect(figuresOf(second.stdout, 'purchases acknowledged')).toEqual(['21', '21']);
    expect(second.stdout).toContain('11 of the links had been used before');
    const state = (await (await fetch(`${simulatorUrl}/control/state`)).json()) as {
      telegram: { links: number; joins: number };
    };
    expect(state.telegram).toMatchObject({ links: 21, joins: 11 });
  });

  test('without a reachable simulator says what can be done, before anything is sent', async () => {
    const posted: string[] = [];
    const url = await stubIntake((request) => {
      if (request.method === 'POST') posted.push(String(request.url));
      return { status: 404 };
    });
    const { exitCode, stderr } = await demo(['--url', url, '--simulator-url', url, '--count', '1']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--join-rate 0');
    expect(stderr).toContain('--simulator-url');
    expect(posted).toEqual([]);
  });

  test('that does not know the key is told as wrong usage', async () => {
    const { url, simulatorUrl } = await startedSystem();
    const { exitCode, stderr } = await demo([
      '--url',
      url,
      '--simulator-url',
      simulatorUrl,
      '--api-key',
      'wrong',
      '--count',
      '40',
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('does not accept the API key');
  });

  test('that is not there is told as wrong usage', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { exitCode, stderr } = await demo(['--url', url, '--join-rate', '0']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`Nothing answers at ${url}`);
  });
});
