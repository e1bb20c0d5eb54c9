import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { eventually } from '../../testing/eventually.ts';
import { crashTopology, pairs, queue, subscription } from './testing/crash-topology.ts';
import { openDatabase } from './database.ts';
import { openForTest, temporaryFolder } from './testing/embedded-for-test.ts';

// A killed process loses what it had not handed to the operating system. Only a loss of power would show a missing
// fsync; that one group-commit.test.ts holds, as far as this process can see it.

interface Writer {
  readonly child: ChildProcess;
  /** Complete lines so far. */
  lines(): string[];
}

async function startWriter(dataDir: string, round: number): Promise<Writer> {
  const script = fileURLToPath(new URL('testing/crash-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [script, dataDir, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const lines = (): string[] => output.split('\n').slice(0, -1);
  await eventually(() => lines().includes('open'));
  return { child, lines };
}

async function kill({ child }: Writer): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

test('everything acknowledged is there after the process was killed, time and again', async () => {
  using folder = temporaryFolder();
  const acknowledged: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    const writer = await startWriter(folder.path, round);
    await sleep(randomInt(20, 250));
    await kill(writer);
    acknowledged.push(...writer.lines());
  }
  const keysOf = (what: string): string[] =>
    acknowledged.filter((line) => line.startsWith(`${what} `)).map((line) => line.slice(what.length + 1));
  expect(keysOf('committed').length).toBeGreaterThan(100);

  const backend = openForTest(folder.path, crashTopology);
  const delivered = new Set<string>();
  const dispatched = new Set<string>();
  backend.deliverTo({
    subscriptions: [
      {
        subscription,
        handle: (message) => {
          delivered.add(message.data);
          return Promise.resolve();
        },
      },
    ],
    tasks: [
      {
        queue,
        handle: (task) => {
          dispatched.add(task.name);
          return Promise.resolve();
        },
      },
    ],
  });
  try {
    await eventually(() => expect(keysOf('published').filter((key) => !delivered.has(key))).toEqual([]), {
      intervalMs: 100,
    });
    await eventually(() => expect(keysOf('enqueued').filter((key) => !dispatched.has(key))).toEqual([]), {
      intervalMs: 100,
    });
    for (const key of keysOf('committed')) {
      expect(await backend.store.get(pairs, `left-${key}`)).toMatchObject({ data: { key } });
      expect(await backend.store.get(pairs, `right-${key}`)).toMatchObject({ data: { key } });
    }
    // Commits that were under way: whole or not at all.
    for (const key of keysOf('enqueued')) {
      const halves = [await backend.store.get(pairs, `left-${key}`), await backend.store.get(pairs, `right-${key}`)];
      expect(halves[0] === undefined).toBe(halves[1] === undefined);
    }
  } finally {
    await backend.close();
  }
});

test('a folder is refused while another process has it, and free once that one has died', async () => {
  using folder = temporaryFolder();
  const writer = await startWriter(folder.path, 0);
  try {
    expect(() => openDatabase(folder.path)).toThrow(
      expect.objectContaining({
        code: 'data_dir_in_use',
        message: expect.stringMatching(new RegExp(`${folder.path} is in use by another process`)),
      }),
    );
  } finally {
    await kill(writer);
  }
  openDatabase(folder.path).close();
});
