import { existsSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { createLogger } from '../../log/logger.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OutgoingMessage } from '../../ports/event-bus.ts';
import type { OutgoingTask } from '../../ports/task-queue.ts';
import type { Collection, Queue, Topic, Topology } from '../../ports/topology-types.ts';
import { isExpired } from '../document-rules.ts';
import type { StoreContents } from '../store-contents.ts';
import { readBackup } from './backup-file.ts';
import { readMarks } from './clock-marks.ts';
import { ClockWatch } from './clock-watch.ts';
import { openLock, openStore, toStartError } from './database.ts';
import { isUnderWay, restoreFiles } from './restore-journal.ts';
import { SqliteStoreContents } from './sqlite-store-contents.ts';
import { StoreClock } from './store-clock.ts';
import { parseStored, sqliteCodeOf, StoreStartError } from './store-errors.ts';

/** A page ends with the row that fills it, so that memory is bounded also with large rows. */
const PAGE_ROWS = 200;
const PAGE_BYTES = 2_000_000;

export interface StoredDocument {
  readonly id: string;
  readonly data: object;
}

/** Rows in the order of their keys; `upTo` is where the next page begins. */
export interface StoredPage<Row, Key> {
  readonly rows: readonly Row[];
  readonly upTo: Key;
}

export interface DocumentPage extends StoredPage<StoredDocument, string> {
  /** Left out of `rows`, because their time has passed. */
  readonly expired: number;
}

/** A store that no system has open. Its reader holds the lock. */
export class StoppedStore {
  readonly #database: DatabaseSync;
  readonly #topology: Topology;
  readonly #clock: StoreClock;

  constructor(database: DatabaseSync, topology: Topology, clock: StoreClock) {
    this.#database = database;
    this.#topology = topology;
    this.#clock = clock;
  }

  get contents(): StoreContents {
    return new SqliteStoreContents(this.#database);
  }

  /** By which what this store has written elsewhere is told; stays with the store. Writes. */
  number(): number {
    this.#database
      .prepare(`INSERT INTO meta (key, value) VALUES ('move.number', ?) ON CONFLICT DO NOTHING`)
      .run(randomInt(2 ** 47));
    return this.#count(`SELECT value AS n FROM meta WHERE key = 'move.number'`);
  }

  /** With those that have expired. */
  countDocuments({ name }: Collection<object>): number {
    return this.#count('SELECT count(*) AS n FROM documents WHERE collection = ?', name);
  }

  *documents(collection: Collection<object>, after = ''): Generator<DocumentPage> {
    const pages = this.#pages<DocumentRow, string>(
      'SELECT id, data FROM documents WHERE collection = ? AND id > ? ORDER BY id',
      [collection.name],
      after,
      ({ id }) => id,
    );
    for (const { rows, upTo } of pages) {
      const documents = rows.map(({ id, data }) => ({ id, data: parseStored(data) as object }));
      const unexpired = documents.filter(({ data }) => !isExpired(collection, data, this.#clock.believedNow()));
      yield { rows: unexpired, expired: documents.length - unexpired.length, upTo };
    }
  }

  /** Tasks that are not finished, up to this number. */
  countTasks({ name }: Queue, upTo = Number.MAX_SAFE_INTEGER): number {
    return this.#count(
      'SELECT count(*) AS n FROM tasks WHERE queue = ? AND finished_at IS NULL AND seq <= ?',
      name,
      upTo,
    );
  }

  *tasks({ name }: Queue, after = -1): Generator<StoredPage<OutgoingTask, number>> {
    const pages = this.#pages<TaskRow, number>(
      'SELECT seq, name, due_at, payload AS data FROM tasks WHERE queue = ? AND seq > ? AND finished_at IS NULL ORDER BY seq',
      [name],
      after,
      ({ seq }) => seq,
    );
    for (const { rows, upTo } of pages) {
      const nowMs = this.#clock.dueNow();
      yield {
        rows: rows.map((row) => ({
          name: row.name,
          payload: row.data,
          ...(row.due_at > nowMs ? { notBefore: new Date(row.due_at) } : {}),
        })),
        upTo,
      };
    }
  }

  isPaused({ name }: Queue): boolean {
    return this.#count('SELECT count(*) AS n FROM paused_queues WHERE queue = ?', name) > 0;
  }

  /** Messages that some subscription has not acknowledged, up to this number. */
  countMessages(topic: Topic, upTo = Number.MAX_SAFE_INTEGER): number {
    return this.#count(
      `SELECT count(*) AS n FROM messages m WHERE topic = ? AND seq <= ? AND ${this.#isNeeded(topic)}`,
      topic.name,
      upTo,
    );
  }

  *messages(topic: Topic, after = -1): Generator<StoredPage<OutgoingMessage, number>> {
    const sql = `SELECT seq, attributes, data FROM messages m WHERE topic = ? AND seq > ? AND ${this.#isNeeded(topic)} ORDER BY seq`;
    for (const { rows, upTo } of this.#pages<MessageRow, number>(sql, [topic.name], after, ({ seq }) => seq)) {
      yield {
        rows: rows.map(({ data, attributes }) => ({
          data,
          attributes: parseStored(attributes) as Record<string, string>,
        })),
        upTo,
      };
    }
  }

  /**
   * Only subscriptions that there still are: nobody will ever acknowledge for the others. Names are constants of the
   * topology.
   */
  #isNeeded({ name }: Topic): string {
    const names = this.#topology.subscriptions
      .filter(({ topic }) => topic.name === name)
      .map((subscription) => `'${subscription.name}'`);
    return `EXISTS (SELECT 1 FROM deliveries d WHERE d.seq = m.seq AND d.subscription IN (${names.join(', ')}))`;
  }

  *#pages<Row extends { readonly data: string }, Key extends string | number>(
    sql: string,
    values: readonly string[],
    after: Key,
    keyOf: (row: Row) => Key,
  ): Generator<StoredPage<Row, Key>> {
    const statement = this.#database.prepare(`${sql} LIMIT ${PAGE_ROWS}`);
    for (let upTo = after; ;) {
      const rows: Row[] = [];
      let bytes = 0;
      for (const row of statement.iterate(...values, upTo) as Iterable<unknown> as Iterable<Row>) {
        rows.push(row);
        bytes += row.data.length;
        if (bytes >= PAGE_BYTES) break;
      }
      const last = rows.at(-1);
      if (last === undefined) return;
      upTo = keyOf(last);
      yield { rows, upTo };
    }
  }

  #count(sql: string, ...values: (string | number)[]): number {
    return Number(this.#database.prepare(sql).get(...values)?.['n']);
  }
}

interface DocumentRow {
  readonly id: string;
  readonly data: string;
}

interface TaskRow {
  readonly seq: number;
  readonly name: string;
  readonly due_at: number;
  readonly data: string;
}

interface MessageRow {
  readonly seq: number;
  readonly attributes: string;
  readonly data: string;
}

interface StoppedStoreOptions {
  readonly dataDir: string;
  readonly topology: Topology;
  readonly clock: Clock;
}

/**
 * Lets `work` have the store of a stopped system; nobody can start it meanwhile. Brought up to date as at a start, its
 * waiting times too.
 * @throws StoreStartError when there is no store, a process has it, a restore was not finished, or it is damaged.
 */
export async function withStoppedStore<T>(
  { dataDir, topology, clock }: StoppedStoreOptions,
  work: (store: StoppedStore) => Promise<T>,
): Promise<T> {
  return locked(dataDir, async () => {
    const database = openStore(dataDir);
    try {
      const { storeClock } = new ClockWatch(database, topology, clock, createLogger({ level: 'silent', secrets: [] }));
      return await work(new StoppedStore(database, topology, storeClock));
    } finally {
      database.close();
    }
  });
}

/** The same for a look only: not a byte of the store changes. @throws StoreStartError as withStoppedStore */
export async function lookIntoStoppedStore<T>(
  { dataDir, topology, clock }: StoppedStoreOptions,
  look: (store: StoppedStore) => T,
): Promise<T> {
  return locked(dataDir, () =>
    Promise.resolve(
      readBackup(restoreFiles(dataDir).store, (database) =>
        look(new StoppedStore(database, topology, new StoreClock(clock, readMarks(database).believedMs))),
      ),
    ),
  );
}

async function locked<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  const { store } = restoreFiles(dataDir);
  if (!existsSync(dataDir)) throw new StoreStartError('store_missing', `There is no folder ${dataDir}.`);
  const lock = openLock(dataDir);
  try {
    if (isUnderWay(dataDir))
      throw new StoreStartError(
        'store_being_restored',
        `A restore of the store in ${dataDir} was not finished. Run \`ops backup restore\` again first.`,
      );
    if (!existsSync(store)) throw new StoreStartError('store_missing', `There is no store in ${dataDir}: no ${store}.`);
    return await work();
  } catch (error) {
    throw sqliteCodeOf(error) === undefined ? error : toStartError(error, dataDir);
  } finally {
    lock.close();
  }
}
