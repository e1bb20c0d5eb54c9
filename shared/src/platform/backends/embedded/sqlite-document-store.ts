import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ConflictError } from '../../ports/errors.ts';
import type { DocumentStore, Page, Query, Snapshot, Write } from '../../ports/document-store.ts';
import type { Collection, Topology } from '../../ports/topology-types.ts';
import {
  checkDocumentSize,
  checkExpiry,
  checkId,
  checkLimit,
  checkWrites,
  declaredCollections,
  decodeCursor,
  encodeCursor,
  findIndex,
  isExpired,
} from '../document-rules.ts';
import { startNumber } from './database.ts';
import { countSql, equalityValues, INDEX_PREFIX, indexStatements, querySql } from './document-query.ts';
import type { GroupCommit } from './group-commit.ts';
import type { StoreClock } from './store-clock.ts';
import { parseStored } from './store-errors.ts';

interface DocumentRow {
  readonly id: string;
  readonly version: string;
  readonly data: string;
}

/** DocumentStore on one table of JSON texts, with an SQLite index behind each declared index. */
export class SqliteDocumentStore implements DocumentStore {
  readonly #database: DatabaseSync;
  readonly #writes: GroupCommit;
  readonly #clock: Pick<StoreClock, 'believedNow'>;
  readonly #declared: (name: string) => Collection<object>;
  readonly #queries = new Map<string, StatementSync>();
  readonly #sql;
  readonly #versionPrefix: string;
  #versionCount = 0;

  constructor(database: DatabaseSync, writes: GroupCommit, topology: Topology, clock: Pick<StoreClock, 'believedNow'>) {
    this.#database = database;
    this.#writes = writes;
    this.#clock = clock;
    this.#declared = declaredCollections(topology.collections);
    alignIndexes(database, topology);
    this.#sql = {
      get: database.prepare('SELECT id, version, data FROM documents WHERE collection = ? AND id = ?'),
      insert: database.prepare('INSERT OR REPLACE INTO documents (version, data, collection, id) VALUES (?, ?, ?, ?)'),
      update: database.prepare('UPDATE documents SET version = ?, data = ? WHERE collection = ? AND id = ?'),
      delete: database.prepare('DELETE FROM documents WHERE collection = ? AND id = ?'),
    };
    // No version returns: not after delete and create, not after a restart, not with a clock set back.
    this.#versionPrefix = `${startNumber(database).toString(36)}.`;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, the engine is not
  async get<T extends object>(collection: Collection<T>, id: string): Promise<Snapshot<T> | undefined> {
    const declared = this.#declared(collection.name);
    checkId(id);
    const snapshot = this.#writes.read(() => {
      const row = this.#sql.get.get(collection.name, id) as DocumentRow | undefined;
      return row === undefined ? undefined : toSnapshot<T>(row);
    });
    return snapshot === undefined || isExpired(declared, snapshot.data, this.#clock.believedNow())
      ? undefined
      : snapshot;
  }

  async commit(writes: readonly Write[]): Promise<void> {
    checkWrites(writes);
    for (const write of writes) {
      const declared = this.#declared(write.collection);
      if (write.kind !== 'delete') checkExpiry(declared, write.data);
    }
    // As text from now on: what the caller does to its object later is not part of the commit.
    const steps = writes.map((write) => ({ write, data: write.kind === 'delete' ? '' : JSON.stringify(write.data) }));
    for (const { data } of steps) checkDocumentSize(data);
    await this.#writes.write(() => {
      for (const { write } of steps) this.#checkCondition(write);
      for (const { write, data } of steps) this.#apply(write, data);
    }, steps.length);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, the engine is not
  async query<T extends object>(query: Query<T>): Promise<Page<T>> {
    const declared = this.#declared(query.collection.name);
    checkLimit(query.limit);
    const index = findIndex(declared, query, query.orderBy.field);
    const cursor = query.cursor === undefined ? undefined : decodeCursor(query, query.cursor);
    const { direction, from, before } = query.orderBy;
    const sql = querySql(declared, index, direction === 'descending', {
      from: from !== undefined,
      before: before !== undefined,
      cursor: cursor !== undefined,
    });
    const values = [...equalityValues(index, query.where), ...[from, before].filter((bound) => bound !== undefined)];
    const after = cursor === undefined ? [] : [cursor.orderValue, cursor.id];
    // One more than asked for tells whether there is another page.
    const rows = this.#writes.read(
      () =>
        this.#statement(sql).all(...values, ...after, query.limit + 1) as unknown as (DocumentRow & {
          readonly position: string | number | bigint;
        })[],
    );
    const page = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? page.at(-1) : undefined;
    return {
      documents: this.#writes
        .read(() => page.map((row) => toSnapshot<T>(row)))
        .filter(({ data }) => !isExpired(declared, data, this.#clock.believedNow())),
      nextCursor:
        last === undefined
          ? undefined
          : encodeCursor(query, {
              orderValue: typeof last.position === 'bigint' ? Number(last.position) : last.position,
              id: last.id,
            }),
    };
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, the engine is not
  async count<T extends object>(query: Pick<Query<T>, 'collection' | 'where'>): Promise<number> {
    const declared = this.#declared(query.collection.name);
    const index = findIndex(declared, query);
    const row = this.#writes.read(() =>
      this.#statement(countSql(declared, index)).get(...equalityValues(index, query.where)),
    );
    return Number(row?.['count']);
  }

  #checkCondition(write: Write): void {
    if (write.kind === 'delete') return;
    const row = this.#unexpired(write);
    if (write.kind === 'create' && row !== undefined) {
      throw new ConflictError(`A document to create in ${write.collection} exists already`);
    }
    if (write.kind === 'update' && row?.version !== write.ifVersion) {
      throw new ConflictError(
        `A document to update in ${write.collection} ${row === undefined ? 'is gone' : 'has changed since it was read'}`,
      );
    }
  }

  #unexpired({ collection, id }: Write): DocumentRow | undefined {
    const declared = this.#declared(collection);
    const row = this.#sql.get.get(collection, id) as DocumentRow | undefined;
    if (row === undefined || declared.ttlField === undefined) return row;
    return isExpired(declared, parseStored(row.data) as object, this.#clock.believedNow()) ? undefined : row;
  }

  #apply(write: Write, data: string): void {
    switch (write.kind) {
      case 'create':
        this.#sql.insert.run(this.#nextVersion(), data, write.collection, write.id);
        return;
      case 'update':
        this.#sql.update.run(this.#nextVersion(), data, write.collection, write.id);
        return;
      case 'delete':
        this.#sql.delete.run(write.collection, write.id);
        return;
    }
  }

  #nextVersion(): string {
    this.#versionCount += 1;
    return this.#versionPrefix + this.#versionCount.toString(36);
  }

  #statement(sql: string): StatementSync {
    const known = this.#queries.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    // node:sqlite refuses to read an integer above 2^53 as a number; JSON may hold one.
    statement.setReadBigInts(true);
    this.#queries.set(sql, statement);
    return statement;
  }
}

function toSnapshot<T>(row: DocumentRow): Snapshot<T> {
  return { id: row.id, version: row.version, data: parseStored(row.data) as T };
}

/** Makes the SQLite indexes those that the topology declares: new ones are built, changed and dropped ones removed. */
function alignIndexes(database: DatabaseSync, topology: Topology): void {
  const wanted = indexStatements(topology.collections);
  const present = database
    .prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND name GLOB '${INDEX_PREFIX}*'`)
    .all() as { name: string; sql: string }[];
  for (const { name, sql } of present) {
    if (wanted.get(name) === sql) wanted.delete(name);
    else database.exec(`DROP INDEX ${name}`);
  }
  for (const sql of wanted.values()) database.exec(sql);
}
