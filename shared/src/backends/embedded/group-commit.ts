import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ConflictError, PermanentError } from '../../delivery/errors.ts';
import type { Logger } from '../../log/logger.ts';
import { closedError, isStorageFailure, toRetryable } from './store-errors.ts';

/** Rows written in one transaction. About 10 ms of work: the longest that one flush keeps the event loop to itself. */
const MAX_ROWS_PER_FLUSH = 1_000;

interface WaitingWrite {
  readonly rows: number;
  /** Runs inside the transaction; what it returns is called after COMMIT. */
  readonly apply: () => () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Many waiting writes share one transaction, hence one fsync. A write's promise settles only after COMMIT, and a
 * transaction never spans two turns of the event loop, so a read between them sees committed data only.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #log: Logger;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  #waiting: WaitingWrite[] = [];
  #scheduled = false;
  #closed = false;
  #failing = false;
  #commits = 0;

  constructor(database: DatabaseSync, log: Logger) {
    this.#database = database;
    this.#log = log;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
  }

  /** Transactions committed so far. */
  get commits(): number {
    return this.#commits;
  }

  /**
   * Resolves with the result of `apply` once it is on stable storage. `apply` may refuse (ConflictError,
   * PermanentError) as long as it has written nothing; the writes beside it are not touched by that.
   * @throws RetryableError when the disk did not take it.
   */
  write<T>(apply: () => T, rows = 1): Promise<T> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      const applyThenResolve = (): (() => void) => {
        const result = apply();
        return () => {
          resolve(result);
        };
      };
      this.#waiting.push({ rows, apply: applyThenResolve, reject });
      this.#schedule();
    });
  }

  /** Outside a transaction, so it sees exactly what has been committed. @throws RetryableError */
  read<T>(query: () => T): T {
    if (this.#closed) throw closedError();
    try {
      return query();
    } catch (error) {
      throw isStorageFailure(error) ? toRetryable(error) : error;
    }
  }

  /** Writes what is waiting, then refuses everything. */
  close(): void {
    while (this.#waiting.length > 0) this.#flush();
    this.#closed = true;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#waiting.length > 0) this.#flush();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #flush(): void {
    const batch = this.#takeBatch();
    const settlements: (() => void)[] = [];
    let current: WaitingWrite | undefined;
    try {
      this.#begin.run();
      for (const write of batch) {
        current = write;
        settlements.push(applyOrRefuse(write));
      }
      current = undefined;
      this.#commit.run();
    } catch (error) {
      this.#rollBack();
      if (current === undefined || isStorageFailure(error)) {
        this.#failAll(batch, error);
      } else {
        // A fault of this one write, after it may have written: it alone fails, its neighbours go again.
        const culprit = current;
        this.#waiting = [...batch.filter((write) => write !== culprit), ...this.#waiting];
        culprit.reject(error);
      }
      return;
    }
    this.#commits += 1;
    if (this.#failing) {
      this.#failing = false;
      this.#log.info({}, 'the store takes writes again');
    }
    for (const settle of settlements) settle();
  }

  #takeBatch(): WaitingWrite[] {
    let count = 0;
    for (let rows = 0; count < this.#waiting.length && rows < MAX_ROWS_PER_FLUSH; count += 1) {
      rows += this.#waiting[count]?.rows ?? 0;
    }
    return this.#waiting.splice(0, count);
  }

  #rollBack(): void {
    try {
      // SQLite rolls back by itself after some errors.
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } catch (error) {
      this.#log.error({ error }, 'rolling back failed');
    }
  }

  #failAll(batch: readonly WaitingWrite[], error: unknown): void {
    const failure = this.#database.isOpen ? toRetryable(error) : closedError();
    // Once for each outage: every write fails while it lasts.
    if (!this.#failing) this.#log.error({ error: failure }, 'the store does not take writes');
    this.#failing = true;
    for (const write of batch) write.reject(failure);
  }
}

function applyOrRefuse(write: WaitingWrite): () => void {
  try {
    return write.apply();
  } catch (error) {
    if (!(error instanceof ConflictError) && !(error instanceof PermanentError)) throw error;
    return () => {
      write.reject(error);
    };
  }
}
