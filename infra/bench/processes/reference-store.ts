import { join } from 'node:path';
// eslint-disable-next-line project/boundaries -- the reference is SQLite itself, without the backend that is measured against it
import { DatabaseSync } from 'node:sqlite';

interface Waiting {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The least that makes a purchase durable: one row, and one transaction for all that wait in a turn of the event loop. */
export class ReferenceStore {
  readonly #database: DatabaseSync;
  readonly #insert;
  readonly #finish;
  #waiting: Waiting[] = [];

  constructor(dataDir: string) {
    this.#database = new DatabaseSync(join(dataDir, 'reference.db'));
    this.#database.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000;
      CREATE TABLE purchases (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
      CREATE TABLE links (purchase INTEGER PRIMARY KEY, link TEXT NOT NULL, created_at INTEGER NOT NULL, sent_at INTEGER NOT NULL);
    `);
    this.#insert = this.#database.prepare('INSERT INTO purchases (body) VALUES (?)');
    this.#finish = this.#database.prepare('INSERT INTO links VALUES (?, ?, ?, ?)');
  }

  /** Resolves with the row's id when it is on the disk. */
  async addPurchase(body: string): Promise<number> {
    let id = 0;
    await this.#commit(() => {
      id = Number(this.#insert.run(body).lastInsertRowid);
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
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ write, resolve, reject });
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
