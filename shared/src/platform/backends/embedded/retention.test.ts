import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createDocument } from '../../ports/document-store.ts';
import { eventually } from '../../testing/eventually.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { Collection, Subscription, Topic, Topology } from '../../ports/topology-types.ts';
import { openDatabase } from './database.ts';
import { EmbeddedBackend } from './open-embedded-backend.ts';
import { STORE_FILE } from './store-files.ts';
import { DOCUMENT_SWEEP_INTERVAL_MS, SWEEP_INTERVAL_MS } from './sweep.ts';
import { silentLog, temporaryFolder } from './testing/embedded-for-test.ts';
import { ofNobody } from '../../testing/of-nobody.ts';

interface Note {
  readonly text: string;
  readonly expiresAt?: string;
}

const DAY_MS = 24 * 3_600_000;
const topic: Topic = { name: 'events', retentionSeconds: 7 * 24 * 3_600 };
const reader: Subscription = {
  name: 'reader',
  topic,
  service: 'link-worker',
  ackDeadlineSeconds: 30,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 4,
  maxConcurrency: 100,
};
const notes: Collection<Note> = { name: 'notes', ...ofNobody, indexes: [], ttlField: 'expiresAt' };
const lasting: Collection<Note> = { name: 'lasting', ...ofNobody, indexes: [] };
const topology: Topology = { topics: [topic], subscriptions: [reader], queues: [], collections: [notes, lasting] };

function open(): AsyncDisposable & {
  readonly backend: EmbeddedBackend;
  readonly clock: ManualClock;
  readonly count: (table: string) => number;
  readonly fileBytes: () => number;
  /** In store and log, as they are on the disk. */
  readonly occurrences: (text: string) => number;
  readonly sweepUntil: (done: () => boolean) => Promise<void>;
} {
  const folder = temporaryFolder();
  const clock = new ManualClock();
  const database = openDatabase(folder.path);
  const backend = new EmbeddedBackend(database, { topology, clock, log: silentLog });
  return {
    backend,
    clock,
    count: (table) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']),
    fileBytes: () => {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return statSync(join(folder.path, STORE_FILE)).size;
    },
    occurrences: (text) =>
      [STORE_FILE, `${STORE_FILE}-wal`].reduce(
        (sum, name) => sum + readFileSync(join(folder.path, name), 'latin1').split(text).length - 1,
        0,
      ),
    sweepUntil: (done) =>
      eventually(async () => {
        clock.advance(SWEEP_INTERVAL_MS);
        for (let turn = 0; turn < 5; turn += 1) await nextTurn();
        return done();
      }).then(() => undefined),
    [Symbol.asyncDispose]: async () => {
      await backend.close();
      folder[Symbol.dispose]();
    },
  };
}

function at(clock: ManualClock, days: number): string {
  return new Date(clock.now() + days * DAY_MS).toISOString();
}

test('documents are deleted within a day after their time, and only those', async () => {
  await using system = open();
  const { backend, clock } = system;
  await backend.store.commit([
    createDocument(notes, 'short', { text: 'a', expiresAt: at(clock, 1) }),
    createDocument(notes, 'long', { text: 'b', expiresAt: at(clock, 400) }),
    createDocument(notes, 'for-ever', { text: 'c' }),
    createDocument(lasting, 'short', { text: 'd', expiresAt: at(clock, 1) }),
  ]);
  clock.advance(DAY_MS);
  expect(await backend.store.get(notes, 'short')).toBeUndefined();
  await system.sweepUntil(() => system.count('documents') === 3);
  expect(clock.now()).toBeLessThan(Date.UTC(2026, 0, 1) + DAY_MS + DOCUMENT_SWEEP_INTERVAL_MS + 3_600_000);
  expect((await backend.store.get(notes, 'long'))?.data.text).toBe('b');
  expect((await backend.store.get(notes, 'for-ever'))?.data.text).toBe('c');
  expect((await backend.store.get(lasting, 'short'))?.data.text).toBe('d');
});

test('what has expired is overwritten, in the store and in its log', async () => {
  await using system = open();
  const { backend, clock } = system;
  await backend.store.commit(
    Array.from({ length: 50 }, (_, n) =>
      createDocument(notes, `id-${n}`, { text: `private-${n}`, expiresAt: at(clock, 1) }),
    ),
  );
  expect(system.occurrences('private-')).toBeGreaterThan(0);
  clock.advance(DAY_MS);
  await system.sweepUntil(() => system.occurrences('private-') === 0);
});

test('a snapshot is gone when its time is over', async () => {
  await using system = open();
  const { bus } = system.backend.administration;
  await system.backend.eventBus.publish(topic, { data: 'a', attributes: {} });
  await bus.createSnapshot('before-deploy', reader);
  expect(system.count('snapshot_messages')).toBe(1);
  system.clock.advance(7 * DAY_MS);
  expect(await bus.listSnapshots()).toEqual([]);
  await system.sweepUntil(() => system.count('snapshots') + system.count('snapshot_messages') === 0);
});

test('the file does not grow when as much comes as is swept: freed pages are filled again', async () => {
  await using system = open();
  const { backend, clock } = system;
  backend.deliverTo({ subscriptions: [{ subscription: reader, handle: () => Promise.resolve() }], tasks: [] });
  let round = 0;
  const fill = async (): Promise<void> => {
    round += 1;
    const text = 'x'.repeat(500);
    await Promise.all(
      Array.from({ length: 4_000 }, async (_, n) => {
        await backend.store.commit([createDocument(notes, `${round}-${n}`, { text, expiresAt: at(clock, 7) })]);
        await backend.eventBus.publish(topic, { data: text, attributes: { id: `${round}-${n}` } });
      }),
    );
    await eventually(() => system.count('deliveries') === 0);
  };
  await fill();
  const full = system.fileBytes();
  for (let again = 0; again < 3; again += 1) {
    clock.advance(8 * DAY_MS);
    await system.sweepUntil(() => system.count('documents') + system.count('messages') === 0);
    await fill();
  }
  const later = system.fileBytes();
  process.stderr.write(
    `file with 4,000 documents and messages: ${full} bytes; after three rounds of sweeping and filling: ${later} bytes\n`,
  );
  expect(full).toBeGreaterThan(4_000_000);
  expect(later / full).toBeLessThan(1.1);
});
