import { join } from 'node:path';
// The reference is SQLite itself, without the backend that is measured against it.
// eslint-disable-next-line project/boundaries
import { DatabaseSync } from 'node:sqlite';
import { SCHEMA_STEPS } from '@paid-community/shared/platform/backends/embedded/schema.ts';
import { purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { purchasesForLinkWorker } from '@paid-community/shared/topology.ts';

interface Waiting {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes the rows of a purchase into the same tables as the embedded backend. All purchases of one turn of the event
 * loop share a transaction: the same group commit, with nothing around it.
 */
export class ReferenceStore {
  readonly #database: DatabaseSync;
  readonly #publish;
  readonly #deliver;
  readonly #finish;
  #waiting: Waiting[] = [];

  readonly #grouped: boolean;

  /** Not grouped: every write is a transaction of its own, with an fsync of its own. */
  constructor(dataDir: string, grouped = true) {
    this.#grouped = grouped;
    this.#database = new DatabaseSync(join(dataDir, 'reference.db'));
    this.#database.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000;
      ${SCHEMA_STEPS.join(';')};
      CREATE TABLE links (purchase INTEGER PRIMARY KEY, link TEXT NOT NULL, created_at INTEGER NOT NULL, sent_at INTEGER NOT NULL);
    `);
    this.#publish = this.#database.prepare(
      'INSERT INTO messages (topic, published_at, attributes, data) VALUES (?, ?, ?, ?)',
    );
    this.#deliver = this.#database.prepare(
      'INSERT INTO deliveries (seq, subscription, attempts, due_at) VALUES (?, ?, 0, ?)',
    );
    this.#finish = this.#database.prepare('INSERT INTO links VALUES (?, ?, ?, ?)');
  }

  /** Resolves with the row's id when it is on the disk. */
  async addPurchase(attributes: string, data: string): Promise<number> {
    let id = 0;
    await this.#commit(() => {
      const now = Date.now();
      id = Number(this.#publish.run(purchaseEvents.name, now, attributes, data).lastInsertRowid);
      this.#deliver.run(id, purchasesForLinkWorker.name, now);
    });
    return id;
  }

  finishPurchase(purchase: number, link: string, createdAt: number, sentAt: number): Promise<void> {
    return this.#commit(() => {
      this.#finish.run(purchase, link, createdAt, sentAt);
    });
  }

  #commit(write: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#grouped && this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ write, resolve, reject });
      if (!this.#grouped) this.#flush();
    });
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      this.#database.exec('BEGIN');
      for (const { write } of batch) write();
      this.#database.exec('COMMIT');
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const { resolve } of batch) resolve();
  }
}
