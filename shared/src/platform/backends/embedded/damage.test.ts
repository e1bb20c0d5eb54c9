import { closeSync, existsSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createLogger } from '../../log/logger.ts';
import { createDocument } from '../../ports/document-store.ts';
import { systemClock } from '../../lifecycle/system-clock.ts';
import { eventually } from '../../testing/eventually.ts';
import { crashTopology, pairs, subscription, topic } from './testing/crash-topology.ts';
import { openDatabase } from './database.ts';
import { openEmbeddedBackend } from './open-embedded-backend.ts';
import { CHECKED_AT_START_BYTES } from './store-damage.ts';
import { StoreStartError } from './store-errors.ts';
import { STORE_FILE } from './store-files.ts';
import { openForTest, silentLog, temporaryFolder } from './testing/embedded-for-test.ts';

/** Too large to be read at its start. */
async function largeStore(dataDir: string): Promise<void> {
  const backend = openForTest(dataDir, crashTopology);
  await Promise.all(
    Array.from({ length: 2_000 }, (_, n) =>
      backend.store.commit([createDocument(pairs, `id-${n}`, { key: `document-${n}-${'x'.repeat(300)}` })]),
    ),
  );
  await Promise.all(
    Array.from({ length: 500 }, (_, n) =>
      backend.eventBus.publish(topic, { data: `message-${n}-${'y'.repeat(300)}`, attributes: {} }),
    ),
  );
  await backend.close();
  const database = openDatabase(dataDir);
  database.exec(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70) INSERT INTO probes (room) SELECT zeroblob(${2 ** 20}) FROM n`,
  );
  database.close();
  expect(statSync(join(dataDir, STORE_FILE)).size).toBeGreaterThan(CHECKED_AT_START_BYTES);
}

/** Overwrites the page that holds `text`. */
function smash(dataDir: string, text: string): void {
  const file = join(dataDir, STORE_FILE);
  const at = readFileSync(file).indexOf(text);
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(4_096, 0x5a), 0, 4_096, at - (at % 4_096));
  closeSync(descriptor);
}

function startErrorOf(dataDir: string): StoreStartError | undefined {
  try {
    openDatabase(dataDir).close();
    return undefined;
  } catch (error) {
    if (error instanceof StoreStartError) return error;
    throw error;
  }
}

test.each(['document-1000-', 'message-250-'])(
  'damage in a large store (%s) that nobody meets is found while it runs: it is not ready, takes nothing, and does not start again',
  async (text) => {
    using folder = temporaryFolder();
    await largeStore(folder.path);
    smash(folder.path, text);
    const lines: string[] = [];
    const backend = openForTest(
      folder.path,
      crashTopology,
      systemClock,
      createLogger({ level: 'info', secrets: [], write: (line) => lines.push(line) }),
    );
    await eventually(() => lines.some((line) => line.includes('the store is damaged')));
    for (let again = 0; again < 3; again += 1) {
      await expect(backend.checkReady()).rejects.toMatchObject({ code: 'storage_corrupt' });
      await expect(backend.eventBus.publish(topic, { data: 'new', attributes: {} })).rejects.toMatchObject({
        code: 'storage_corrupt',
      });
      await expect(backend.store.commit([createDocument(pairs, 'new', { key: 'new' })])).rejects.toMatchObject({
        code: 'storage_corrupt',
      });
    }
    expect(lines.filter((line) => line.includes('the store is damaged'))).toHaveLength(1);
    const handled: string[] = [];
    backend.deliverTo({
      subscriptions: [{ subscription, handle: (message) => Promise.resolve(void handled.push(message.data)) }],
      tasks: [],
    });
    // Reading goes on where it can.
    expect(await backend.store.get(pairs, 'id-1')).toBeDefined();
    expect(handled).toEqual([]);
    await backend.close();
    expect(startErrorOf(folder.path)).toMatchObject({
      code: 'store_not_a_database',
      message: expect.stringContaining('damaged') as unknown,
    });
  },
);

test('damage that the start itself meets is told as such, and the store is let go', async () => {
  using folder = temporaryFolder();
  await largeStore(folder.path);
  smash(folder.path, 'message-499-');
  const options = { dataDir: folder.path, topology: crashTopology, clock: systemClock, log: silentLog };
  for (let again = 0; again < 2; again += 1) expect(() => openEmbeddedBackend(options)).toThrow(/damaged/);
});

test('damage that a delivery meets is damage of the store', async () => {
  using folder = temporaryFolder();
  await largeStore(folder.path);
  smash(folder.path, 'message-3-');
  const backend = openForTest(folder.path, crashTopology);
  backend.deliverTo({ subscriptions: [{ subscription, handle: () => Promise.resolve() }], tasks: [] });
  await eventually(() => backend.writes.isDamaged);
  await expect(backend.checkReady()).rejects.toMatchObject({ code: 'storage_corrupt' });
  await backend.close();
});

test('a mark of damage that is gone is forgotten at the start that has read everything', async () => {
  using folder = temporaryFolder();
  await largeStore(folder.path);
  const whole = readFileSync(join(folder.path, STORE_FILE));
  smash(folder.path, 'document-1000-');
  const backend = openForTest(folder.path, crashTopology);
  await eventually(() => backend.writes.isDamaged);
  await backend.close();
  expect(existsSync(join(folder.path, `${STORE_FILE}.damaged`))).toBe(true);
  const descriptor = openSync(join(folder.path, STORE_FILE), 'w');
  writeSync(descriptor, whole);
  closeSync(descriptor);
  expect(startErrorOf(folder.path)).toBeUndefined();
  expect(existsSync(join(folder.path, `${STORE_FILE}.damaged`))).toBe(false);
});

test('a copy of a damaged store is not kept, and shows the damage', async () => {
  using folder = temporaryFolder();
  await largeStore(folder.path);
  smash(folder.path, 'message-400-');
  const backend = openForTest(folder.path, crashTopology);
  await expect(backend.administration.store.backUp(join(folder.path, 'b.db'))).rejects.toThrow(/damaged/);
  expect(existsSync(join(folder.path, 'b.db'))).toBe(false);
  await expect(backend.checkReady()).rejects.toMatchObject({ code: 'storage_corrupt' });
  await backend.close();
});
