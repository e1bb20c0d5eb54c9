import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ConflictError, RetryableError } from '../../ports/errors.ts';
import { createDocument } from '../../ports/document-store.ts';
import { eventually } from '../../testing/eventually.ts';
import { crashTopology, pairs, topic } from './testing/crash-topology.ts';
import { openDatabase } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { openLogSync, type LogSync } from './log-sync.ts';
import { STORE_FILE } from './store-files.ts';
import { openForTest, silentLog, temporaryFolder } from './testing/embedded-for-test.ts';

test('a thousand commits at once share a handful of transactions, and a conflict fails alone', async () => {
  using folder = temporaryFolder();
  const backend = openForTest(folder.path, crashTopology);
  await backend.store.commit([createDocument(pairs, 'taken', { key: 'first' })]);
  const before = backend.writes.commits;
  const results = await Promise.allSettled(
    Array.from({ length: 1_000 }, (_, n) =>
      backend.store.commit([createDocument(pairs, n === 500 ? 'taken' : `id-${n}`, { key: 'x' })]),
    ),
  );
  expect(backend.writes.commits - before).toBeLessThanOrEqual(4);
  const failed = results.flatMap((result, n) =>
    result.status === 'rejected' ? [{ n, reason: result.reason as unknown }] : [],
  );
  expect(failed).toEqual([{ n: 500, reason: expect.any(ConflictError) }]);
  expect(await backend.store.get(pairs, 'id-999')).toBeDefined();
  expect(await backend.store.get(pairs, 'taken')).toMatchObject({ data: { key: 'first' } });
  await backend.close();
});

test('one transaction takes a bounded number of rows, so that the event loop gets its turn', async () => {
  using folder = temporaryFolder();
  const backend = openForTest(folder.path, crashTopology);
  let turns = 0;
  let done = false;
  const countTurns = (): void => {
    turns += 1;
    if (!done) setImmediate(countTurns);
  };
  countTurns();
  await Promise.all(
    Array.from({ length: 20_000 }, () => backend.eventBus.publish(topic, { data: '', attributes: {} })),
  );
  done = true;
  expect(turns).toBeGreaterThan(30);
  await backend.close();
});

test('a write that breaks half-way is undone and fails alone', async () => {
  using folder = temporaryFolder();
  const database = openDatabase(folder.path);
  const writes = new GroupCommit(database, silentLog);
  const insert = database.prepare('INSERT INTO meta VALUES (?, ?)');
  const bug = new TypeError('a bug');
  const results = await Promise.allSettled([
    writes.write(() => insert.run('one', 1)),
    writes.write(() => {
      insert.run('half', 1);
      throw bug;
    }),
    writes.write(() => insert.run('one', 2)),
    writes.write(() => insert.run('two', 2)),
  ]);
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(results[1]).toMatchObject({ reason: bug });
  const keys = database.prepare('SELECT key FROM meta ORDER BY key').all();
  expect(keys.map((row) => row['key'])).toEqual(['one', 'starts', 'two']);
  writes.close();
  database.close();
});

/** A store whose log is synced only when a test lets it happen, or fail: by calling the first of `waiting`. */
function storeWithHeldSyncs(): Disposable & {
  readonly writes: GroupCommit;
  readonly waiting: ((error?: Error) => void)[];
  readonly logFile: string;
  readonly write: (key: string) => Promise<unknown>;
  readonly close: () => void;
} {
  const folder = temporaryFolder();
  const database = openDatabase(folder.path);
  const real = openLogSync(database);
  const waiting: ((error?: Error) => void)[] = [];
  const start: LogSync['start'] = (done) => {
    waiting.push((error) => {
      if (error === undefined) real.start(done);
      else done(error);
    });
  };
  const writes = new GroupCommit(database, silentLog, { ...real, start });
  const insert = database.prepare('INSERT INTO meta VALUES (?, 1)');
  let closed = false;
  const close = (): void => {
    if (!closed) writes.close();
    closed = true;
  };
  return {
    writes,
    waiting,
    logFile: join(folder.path, `${STORE_FILE}-wal`),
    write: (key) => writes.write(() => insert.run(key)),
    close,
    [Symbol.dispose]: () => {
      close();
      database.close();
      folder[Symbol.dispose]();
    },
  };
}

async function turnsOfTheLoop(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('a write is acknowledged only when its own sync is done; a second transaction is synced beside a small one, what comes then shares the third', async () => {
  using store = storeWithHeldSyncs();
  const { writes, waiting } = store;
  const settled: string[] = [];
  const write = (key: string): Promise<unknown> => store.write(key).then(() => settled.push(key));
  const first = write('first');
  await eventually(() => waiting.length === 1);
  const second = write('second');
  await eventually(() => waiting.length === 2);
  const others = [write('third'), write('fourth')];
  await turnsOfTheLoop();
  expect({ settled, commits: writes.commits }).toEqual({ settled: [], commits: 2 });
  waiting.shift()?.();
  await first;
  await eventually(() => waiting.length === 2);
  expect({ settled, commits: writes.commits }).toEqual({ settled: ['first'], commits: 3 });
  for (const sync of waiting.splice(0)) sync();
  await Promise.all([second, ...others]);
});

test('beside a large transaction none is synced: what comes meanwhile gathers for the next', async () => {
  using store = storeWithHeldSyncs();
  const { writes, waiting, write } = store;
  const large = Array.from({ length: 50 }, (_, n) => write(`large-${n}`));
  await eventually(() => waiting.length === 1);
  const next = [write('one')];
  await turnsOfTheLoop();
  next.push(write('two'));
  await turnsOfTheLoop();
  expect(writes.commits).toBe(1);
  waiting.shift()?.();
  await Promise.all(large);
  await eventually(() => waiting.length === 1);
  expect(writes.commits).toBe(2);
  waiting.shift()?.();
  await Promise.all(next);
});

test('a sync that fails takes with it what was committed after: the kernel tells of a failure only once', async () => {
  using store = storeWithHeldSyncs();
  const { waiting, write } = store;
  const first = write('first');
  await eventually(() => waiting.length === 1);
  const second = write('second');
  await eventually(() => waiting.length === 2);
  const outcomes = Promise.allSettled([first, second]);
  const [syncOfFirst, syncOfSecond] = waiting.splice(0);
  syncOfFirst?.(new Error('EIO: i/o error, fdatasync'));
  syncOfSecond?.();
  expect(await outcomes).toMatchObject([{ reason: { code: 'storage_error' } }, { reason: { code: 'storage_error' } }]);
  const next = write('next');
  await eventually(() => waiting.length === 1);
  waiting.shift()?.();
  await next;
});

test('a sync that fails is a refusal, and the log is left before anything else is written', async () => {
  using store = storeWithHeldSyncs();
  const { waiting, write } = store;
  const refused = write('refused');
  await eventually(() => waiting.length === 1);
  waiting.shift()?.(new Error('EIO: i/o error, fdatasync'));
  await expect(refused).rejects.toMatchObject({ code: 'storage_error' });
  const log = store.logFile;
  const bytesBefore = statSync(log).size;
  const next = write('next');
  await eventually(() => waiting.length === 1);
  // What was in the log is in the database now, and the log begins anew.
  expect(statSync(log).size).toBeLessThan(bytesBefore);
  waiting.shift()?.();
  await next;
});

test('closing waits for no thread: what is committed is synced at once, and acknowledged', async () => {
  using store = storeWithHeldSyncs();
  const { waiting, write } = store;
  const committed = write('committed');
  await eventually(() => waiting.length === 1);
  const queued = write('queued');
  store.close();
  await expect(Promise.all([committed, queued])).resolves.toHaveLength(2);
});

test('closing writes what is waiting; everything after that is refused as closed', async () => {
  using folder = temporaryFolder();
  const backend = openForTest(folder.path, crashTopology);
  const waiting = backend.store.commit([createDocument(pairs, 'a', { key: 'a' })]);
  const closing = backend.close();
  await expect(waiting).resolves.toBeUndefined();
  await closing;
  await backend.close();
  const refusals = [
    backend.store.get(pairs, 'a'),
    backend.store.commit([createDocument(pairs, 'b', { key: 'b' })]),
    backend.eventBus.publish(topic, { data: '', attributes: {} }),
    backend.checkReady(),
  ];
  for (const refusal of refusals) {
    const error: unknown = await refusal.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error).toMatchObject({ code: 'closed' });
  }
  const reopened = openForTest(folder.path, crashTopology);
  expect(await reopened.store.get(pairs, 'a')).toBeDefined();
  await reopened.close();
});

test('the log is moved into the database as soon as little waits to be written, and stays short under one write after the other', async () => {
  using folder = temporaryFolder();
  const backend = openForTest(folder.path, crashTopology);
  const bytes = (file: string): number => statSync(join(folder.path, file)).size;
  // A flood that leaves a log longer than the one that is kept, and then single writes.
  await Promise.all(
    Array.from({ length: 4_000 }, () => backend.eventBus.publish(topic, { data: 'x'.repeat(4_000), attributes: {} })),
  );
  expect(bytes(`${STORE_FILE}-wal`)).toBeGreaterThan(8 * 1_024 * 1_024);
  await eventually(() => bytes(STORE_FILE) > 16_000_000 && bytes(`${STORE_FILE}-wal`) === 0);
  for (let n = 0; n < 1_000; n += 1) await backend.eventBus.publish(topic, { data: 'x'.repeat(4_000), attributes: {} });
  expect(bytes(`${STORE_FILE}-wal`)).toBeLessThan(3 * 1_024 * 1_024);
  await backend.close();
});
