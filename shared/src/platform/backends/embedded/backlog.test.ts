import type { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { createDocument, updateDocument } from '../../ports/document-store.ts';
import type { Collection } from '../../ports/topology-types.ts';
import { eventually } from '../../testing/eventually.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { crashTopology, pairs, queue, subscription, topic } from './testing/crash-topology.ts';
import { openDatabase } from './database.ts';
import { countSql, querySql } from './document-query.ts';
import { EmbeddedBackend } from './open-embedded-backend.ts';
import { DUE_DELIVERIES, LOAD_DELIVERY, NEXT_DELIVERY, SEEK_BOUNDARY, SEEK_INSERT } from './sqlite-event-bus.ts';
import { DUE_TASKS, NEXT_TASK } from './sqlite-task-queue.ts';
import { EXPIRED_MESSAGES, REMOVE_EXPIRED_TASKS } from './sweep.ts';
import { silentLog, temporaryFolder } from './testing/embedded-for-test.ts';
import { ofNobody } from '../../testing/of-nobody.ts';

const BACKLOG = 200_000;

function planOf(database: DatabaseSync, sql: string): string {
  const parameters = (sql.match(/\?/g) ?? []).map(() => 1);
  return database
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...parameters)
    .map((row) => String(row['detail']))
    .join('; ');
}

function addBacklog(database: DatabaseSync, nowMs: number): void {
  database.exec(`
    BEGIN;
    INSERT INTO messages (topic, published_at, attributes, data)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${BACKLOG})
      SELECT '${topic.name}', ${nowMs}, '{}', 'x' FROM n;
    INSERT INTO deliveries (seq, subscription, attempts, due_at) SELECT seq, '${subscription.name}', 0, ${nowMs} FROM messages;
    COMMIT`);
}

test('no statement of the traffic reads or sorts more than it returns', () => {
  using folder = temporaryFolder();
  const database = openDatabase(folder.path);
  const ordered: Collection<object> = {
    name: 'things',
    ...ofNobody,
    indexes: [
      { where: ['kind', 'open'], orderBy: 'rank' },
      { where: [], orderBy: 'rank' },
      { where: ['kind'], orderBy: 'closedAt', sparse: true },
    ],
  };
  const backend = new EmbeddedBackend(database, {
    topology: { ...crashTopology, collections: [pairs, ordered] },
    clock: new ManualClock(),
    log: silentLog,
  });
  const queries = ordered.indexes.flatMap((index) => [
    ...(index.sparse === true ? [] : [countSql(ordered, index)]),
    ...[true, false].flatMap((descending) =>
      [true, false].flatMap((bound) =>
        [true, false].map((cursor) => querySql(ordered, index, descending, { from: bound, before: bound, cursor })),
      ),
    ),
  ]);
  for (const sql of [
    DUE_DELIVERIES,
    NEXT_DELIVERY,
    LOAD_DELIVERY,
    DUE_TASKS,
    NEXT_TASK,
    EXPIRED_MESSAGES,
    REMOVE_EXPIRED_TASKS,
    SEEK_BOUNDARY,
    SEEK_INSERT,
  ]) {
    const plan = planOf(database, sql);
    expect(plan).toMatch(/SEARCH/);
    expect(plan).not.toMatch(/SCAN|TEMP B-TREE/);
  }
  // `where: []` walks its own index from the start, which is what a page of it needs.
  for (const sql of queries)
    expect(planOf(database, sql)).toMatch(/^(SEARCH|SCAN) documents USING (COVERING )?INDEX query_things__/);
  for (const sql of queries) expect(planOf(database, sql)).not.toMatch(/TEMP B-TREE/);
  for (const sql of queries.slice(0, 5)) expect(planOf(database, sql)).toMatch(/^SEARCH/);
  return backend.close();
});

test('a sparse index holds only the documents that have its order field, and does not count', async () => {
  using folder = temporaryFolder();
  const database = openDatabase(folder.path);
  const things: Collection<{ kind: string; closedAt?: string }> = {
    name: 'things',
    ...ofNobody,
    indexes: [{ where: ['kind'], orderBy: 'closedAt', sparse: true }],
  };
  const backend = new EmbeddedBackend(database, {
    topology: { ...crashTopology, collections: [things] },
    clock: new ManualClock(),
    log: silentLog,
  });
  const { store } = backend;
  const found = async (): Promise<string[]> => {
    const { documents } = await store.query({
      collection: things,
      where: { kind: 'a' },
      orderBy: { field: 'closedAt', direction: 'ascending' },
      limit: 10,
    });
    return documents.map(({ id }) => id);
  };
  const entriesOfIndex = (): unknown =>
    database
      .prepare(
        `SELECT sum(ncell) AS cells FROM dbstat WHERE name = 'query_things__kind__closedAt' AND pagetype = 'leaf'`,
      )
      .get()?.['cells'];
  await store.commit(Array.from({ length: 100 }, (_, n) => createDocument(things, `open-${n}`, { kind: 'a' })));
  await store.commit([
    createDocument(things, 'later', { kind: 'a', closedAt: '2' }),
    createDocument(things, 'sooner', { kind: 'a', closedAt: '1' }),
  ]);
  expect(await found()).toEqual(['sooner', 'later']);
  expect(entriesOfIndex()).toBe(2);
  const sooner = await store.get(things, 'sooner');
  if (sooner === undefined) throw new Error('It was created');
  await store.commit([updateDocument(things, sooner, { kind: 'a' })]);
  expect(await found()).toEqual(['later']);
  await expect(store.count({ collection: things, where: { kind: 'a' } })).rejects.toMatchObject({
    code: 'undeclared_query',
  });
  await backend.close();
});

test('indexes that the topology changes or drops are changed and dropped', async () => {
  using folder = temporaryFolder();
  const names = async (...indexes: Collection<object>['indexes'][number][]): Promise<unknown[]> => {
    const database = openDatabase(folder.path);
    const collection: Collection<object> = { name: 'things', ...ofNobody, indexes };
    const backend = new EmbeddedBackend(database, {
      topology: { ...crashTopology, collections: [collection] },
      clock: new ManualClock(),
      log: silentLog,
    });
    const rows = database.prepare(`SELECT name FROM sqlite_schema WHERE name GLOB 'query_*' ORDER BY name`).all();
    await backend.close();
    return rows.map((row) => row['name']);
  };
  expect(await names({ where: ['a'], orderBy: 'b' })).toEqual(['query_things__a__b']);
  expect(await names({ where: ['a'], orderBy: 'b' }, { where: [], orderBy: 'b' })).toEqual([
    'query_things__a__b',
    'query_things__b',
  ]);
  expect(await names({ where: ['c'], orderBy: 'b' })).toEqual(['query_things__c__b']);
  expect(await names()).toEqual([]);
});

test('behind a long backlog, work is fetched in small batches and other work is not held up', async () => {
  using folder = temporaryFolder();
  const clock = new ManualClock();
  const database = openDatabase(folder.path);
  addBacklog(database, clock.now());
  const backend = new EmbeddedBackend(database, { topology: crashTopology, clock, log: silentLog });
  // Every handler waits, so that the loop holds as much as it ever will.
  let atWork = 0;
  const { promise: forever } = Promise.withResolvers<undefined>();
  let tasks = 0;
  backend.deliverTo({
    subscriptions: [
      {
        subscription,
        handle: async () => {
          atWork += 1;
          await forever;
        },
      },
    ],
    tasks: [
      {
        queue,
        handle: () => {
          tasks += 1;
          return Promise.resolve();
        },
      },
    ],
  });
  await eventually(() => atWork === subscription.maxConcurrency);
  await backend.taskQueue.enqueue(queue, { name: 'a', payload: '' });
  await eventually(() => tasks === 1);
  await backend.close();
});

test('seeking through a long history makes every message due again, in steps that let other writes through', async () => {
  using folder = temporaryFolder();
  const clock = new ManualClock();
  const database = openDatabase(folder.path);
  addBacklog(database, clock.now());
  database.exec('DELETE FROM deliveries WHERE seq % 2 = 0; UPDATE deliveries SET attempts = 3');
  const backend = new EmbeddedBackend(database, { topology: crashTopology, clock, log: silentLog });
  clock.advance(1_000);
  let published = 0;
  const seek = { underWay: true };
  const traffic = (async (): Promise<void> => {
    while (seek.underWay) {
      await backend.eventBus.publish(topic, { data: '', attributes: {} });
      published += 1;
    }
  })();
  await backend.eventBus.seek(subscription, new Date(clock.now() - 1_000));
  seek.underWay = false;
  await traffic;
  expect(published).toBeGreaterThan(20);
  const due = database
    .prepare('SELECT count(*) AS n FROM deliveries WHERE attempts = 0 AND due_at = ?')
    .get(clock.now());
  expect(due?.['n']).toBe(BACKLOG + published);
  await backend.close();
});
