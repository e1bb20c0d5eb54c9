import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { RetryableError } from '../../ports/errors.ts';
import { systemClock } from '../../lifecycle/system-clock.ts';
import { createLogger } from '../../log/logger.ts';
import { createDocument } from '../../ports/document-store.ts';
import { eventually } from '../../testing/eventually.ts';
import { crashTopology, pairs, queue, subscription, topic } from './testing/crash-topology.ts';
import { openDatabase } from './database.ts';
import { EmbeddedBackend } from './open-embedded-backend.ts';
import { openForTest, temporaryFolder } from './testing/embedded-for-test.ts';

async function expectStorageFull(operation: Promise<unknown>): Promise<void> {
  const error: unknown = await operation.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RetryableError);
  expect(error).toMatchObject({ code: 'storage_full' });
}

/** Returns what was acknowledged before the first refusal. */
async function publishUntilRefused(backend: EmbeddedBackend): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let n = 0; n < 20_000; n += 1) {
    try {
      await backend.eventBus.publish(topic, { data: `message-${n}-${'x'.repeat(1_000)}`, attributes: {} });
      acknowledged.push(`message-${n}`);
    } catch (error) {
      expect(error).toMatchObject({ code: 'storage_full' });
      return acknowledged;
    }
  }
  throw new Error('The store never filled up');
}

async function deliverAll(backend: EmbeddedBackend): Promise<Set<string>> {
  const delivered = new Set<string>();
  let last = 0;
  backend.deliverTo({
    subscriptions: [
      {
        subscription,
        handle: (message) => {
          delivered.add(message.data.replace(/-x*$/, ''));
          last = performance.now();
          return Promise.resolve();
        },
      },
    ],
    tasks: [],
  });
  await eventually(() => delivered.size > 0 && performance.now() - last > 300);
  return delivered;
}

test('a full store acknowledges nothing, says so once, and takes writes again when there is room', async () => {
  using folder = temporaryFolder();
  const lines: string[] = [];
  const log = createLogger({ level: 'info', secrets: [], write: (line) => lines.push(line) });
  const database = openDatabase(folder.path);
  const backend = new EmbeddedBackend(database, { topology: crashTopology, clock: systemClock, log });
  await backend.checkReady();
  database.exec('PRAGMA max_page_count = 120');
  const acknowledged = await publishUntilRefused(backend);
  expect(acknowledged.length).toBeGreaterThan(10);
  // A burst in one transaction: none of it.
  for (const publish of Array.from({ length: 50 }, () =>
    backend.eventBus.publish(topic, { data: 'y'.repeat(2_000), attributes: {} }),
  )) {
    await expectStorageFull(publish);
  }
  await expectStorageFull(backend.taskQueue.enqueue(queue, { name: 'a', payload: 'y'.repeat(50_000) }));
  await expectStorageFull(backend.store.commit([createDocument(pairs, 'a', { key: 'y'.repeat(50_000) })]));
  await expectStorageFull(backend.checkReady());
  // Reading goes on.
  expect(await backend.store.get(pairs, 'a')).toBeUndefined();
  expect(lines.filter((line) => line.includes('"error"'))).toHaveLength(1);

  database.exec('PRAGMA max_page_count = 100000');
  await backend.checkReady();
  await backend.eventBus.publish(topic, { data: 'after', attributes: {} });
  expect([...(await deliverAll(backend))].sort()).toEqual([...acknowledged, 'after'].sort());
  expect(lines.at(-1)).toContain('the store takes writes again');
  expect(lines.join()).not.toContain('message-1');
  await backend.close();
});

/** A disk of its own, which only root can have; undefined elsewhere. */
function mountSmallDisk(folder: string): { readonly grow: () => void; readonly unmount: () => void } | undefined {
  const run = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
  if (process.platform !== 'linux' || !run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder)) return undefined;
  return {
    grow: () => {
      if (!run('mount', '-o', 'remount,size=32m', folder)) throw new Error('The disk could not be enlarged');
    },
    unmount: () => {
      if (!run('umount', folder)) throw new Error('The disk could not be unmounted');
    },
  };
}

test('on a disk that is really full, readiness fails, nothing acknowledged is lost, and space is all it takes', async () => {
  using folder = temporaryFolder();
  const disk = mountSmallDisk(folder.path);
  if (disk === undefined) return;
  let backend = openForTest(folder.path, crashTopology);
  try {
    const acknowledged = await publishUntilRefused(backend);
    expect(acknowledged.length).toBeGreaterThan(10);
    await expectStorageFull(backend.checkReady());
    disk.grow();
    await backend.checkReady();
    await backend.eventBus.publish(topic, { data: 'after', attributes: {} });
    await backend.close();

    backend = openForTest(folder.path, crashTopology);
    expect([...(await deliverAll(backend))].sort()).toEqual([...acknowledged, 'after'].sort());
  } finally {
    await backend.close();
    disk.unmount();
  }
});
