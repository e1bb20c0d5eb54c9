import type { DatabaseSync } from 'node:sqlite';
import type { Collection, Queue, Subscription } from '../../ports/topology-types.ts';
import type { StoreContents } from '../store-contents.ts';
import { parseStored } from './store-errors.ts';

/** Reads a store that was opened and is not served yet. */
export class SqliteStoreContents implements StoreContents {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get<T extends object>(collection: Collection<T>, id: string): T | undefined {
    const row = this.#database
      .prepare('SELECT data FROM documents WHERE collection = ? AND id = ?')
      .get(collection.name, id) as { data: string } | undefined;
    return row === undefined ? undefined : (parseStored(row.data) as T);
  }

  some<T extends object>(
    collection: Collection<T>,
    limit: number,
  ): readonly { readonly id: string; readonly data: T }[] {
    const rows = this.#database
      .prepare('SELECT id, data FROM documents WHERE collection = ? LIMIT ?')
      .all(collection.name, limit) as { id: string; data: string }[];
    return rows.map(({ id, data }) => ({ id, data: parseStored(data) as T }));
  }

  undelivered(subscription: Subscription): number {
    return this.#count('SELECT count(*) AS count FROM deliveries WHERE subscription = ?', subscription.name);
  }

  unfinished(queue: Queue): number {
    return this.#count('SELECT count(*) AS count FROM tasks WHERE queue = ? AND finished_at IS NULL', queue.name);
  }

  #count(sql: string, name: string): number {
    return Number(this.#database.prepare(sql).get(name)?.['count']);
  }
}
