import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Logger } from '../../log/logger.ts';
import { BatchSync, SMALL_BATCH } from './batch-sync.ts';
import { LogCheckpoint } from './log-checkpoint.ts';
import { openLogSync, type LogSync } from './log-sync.ts';
import { damageIn, StoreDamage } from './store-damage.ts';
import { closedError, isStorageFailure, toRetryable } from './store-errors.ts';
import { applyOrRefuse, type CommittedBatch, type WaitingWrite } from './waiting-write.ts';

/** Rows written in one transaction. About 10 ms of work: the longest that one flush keeps the event loop to itself. */
const MAX_ROWS_PER_FLUSH = 1_000;
/**
 * secure_delete overwrites deleted rows. Where SQLite moved rows between pages before, a copy of about one row in a
 * thousand stays in the unused part of a page (measured, SQLite 3.53). Writing the store anew leaves none; up to this
 * size that takes at most 0.5 s.
 */
const REWRITTEN_BYTES = 64 * 2 ** 20;

/**
 * Many waiting writes share one transaction and one fsync. A write's promise settles only when its transaction is on
 * stable storage. A transaction never spans two turns of the event loop, so a read between them sees committed data
 * only.
 *
 * SQLite commits to the log without syncing it (synchronous NORMAL); the sync follows in a thread, and covers
 * everything committed before it. So the event loop never waits for the disk, except when the log is moved into the
 * database (a checkpoint). A read may see data that is milliseconds away from stable storage. A write that depends on
 * it comes later in the same log.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #log: Logger;
  readonly #sync: BatchSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #size: StatementSync;
  readonly #checkpoint: LogCheckpoint;
  readonly #damage: StoreDamage;
  #waiting: WaitingWrite[] = [];
  #scheduled = false;
  #closed = false;
  #failing = false;
  #logIsDoubtful = false;
  #commits = 0;

  constructor(database: DatabaseSync, log: Logger, logSync: LogSync = openLogSync(database)) {
    this.#damage = new StoreDamage(database, log);
    this.#database = database;
    this.#log = log;
    this.#sync = new BatchSync(logSync, {
      synced: (batch) => {
        this.#settle(batch);
      },
      failed: (batches, error) => {
        this.#logIsDoubtful = true;
        this.#failAll(
          batches.flatMap(({ writes }) => writes),
          error,
        );
      },
    });
    database.exec('PRAGMA synchronous = NORMAL');
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#checkpoint = new LogCheckpoint(database, log);
    this.#commit = database.prepare('COMMIT');
    this.#size = database.prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size');
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
      this.#damage.note(error);
      throw isStorageFailure(error) ? toRetryable(error) : error;
    }
  }

  /** From the first damage that anybody meets: nothing is written any more, so nothing must be worked on. */
  get isDamaged(): boolean {
    return this.#damage.isFound;
  }

  /**
   * Reads the whole store, which stops the event loop for about two seconds a gigabyte: only when there is reason to
   * think that it is damaged.
   */
  examine(): void {
    this.read(() => {
      const [finding] = damageIn(this.#database, 1);
      if (finding !== undefined) this.#damage.found(new Error(finding));
    });
  }

  /** See StoreAdministration. */
  async overwriteErased(): Promise<void> {
    // What waits is committed first; between two turns of the event loop there is no transaction.
    await this.write(() => undefined);
    this.read(() => {
      const { bytes } = this.#size.get() as { bytes: number };
      if (bytes <= REWRITTEN_BYTES) this.#database.exec('VACUUM');
      this.#checkpoint.restart();
    });
  }

  /** What was deleted is overwritten in the store; the log, too, holds it no more. */
  emptyLog(): void {
    this.read(() => {
      this.#checkpoint.restart();
    });
  }

  /** Writes what is waiting, then refuses everything. Call once. */
  close(): void {
    const committed: CommittedBatch[] = [];
    while (this.#waiting.length > 0) {
      const batch = this.#commitBatch();
      if (batch !== undefined) committed.push(batch);
    }
    this.#sync.finish(committed);
    this.#closed = true;
  }

  #schedule(): void {
    if (this.#scheduled || this.#sync.isBusy || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#waiting.length > 0) this.#flush();
      this.#schedule();
    });
  }

  #flush(): void {
    const batch = this.#commitBatch();
    if (batch === undefined) return;
    this.#sync.start(batch, () => {
      this.#schedule();
    });
  }

  #settle({ settlements }: CommittedBatch): void {
    if (this.#failing) {
      this.#failing = false;
      this.#log.info({}, 'the store takes writes again');
    }
    for (const settle of settlements) settle();
    // In the next turn, the settled callers have queued their next writes.
    setImmediate(() => {
      if (this.#waiting.length <= SMALL_BATCH && this.#sync.isIdle && !this.#closed) this.#checkpoint.atLeisure();
    });
  }

  /** Undefined when nothing was committed: who waited for it has been told. */
  #commitBatch(): CommittedBatch | undefined {
    const writes = this.#takeBatch();
    const settlements: (() => void)[] = [];
    let current: WaitingWrite | undefined;
    try {
      this.#damage.refuse();
      this.#leaveDoubtfulLog();
      this.#begin.run();
      for (const write of writes) {
        current = write;
        settlements.push(applyOrRefuse(write));
      }
      current = undefined;
      this.#commit.run();
    } catch (error) {
      this.#rollBack();
      if (current === undefined || isStorageFailure(error) || this.#damage.isFound) {
        this.#failAll(writes, error);
      } else {
        // A fault of this one write, after it may have written: it alone fails, its neighbours go again.
        const culprit = current;
        this.#waiting = [...writes.filter((write) => write !== culprit), ...this.#waiting];
        culprit.reject(error);
      }
      return undefined;
    }
    this.#commits += 1;
    return { writes, settlements };
  }

  /**
   * After a failed sync the kernel may take an unwritten page for written. All later entries of the log would be lost
   * with it. @throws while it fails
   */
  #leaveDoubtfulLog(): void {
    if (!this.#logIsDoubtful) return;
    this.#checkpoint.restart();
    this.#logIsDoubtful = false;
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
    this.#damage.note(error);
    const failure = this.#database.isOpen ? toRetryable(error) : closedError();
    // Once for each outage: every write fails while it lasts.
    if (!this.#failing) this.#log.error({ error: failure }, 'the store does not take writes');
    this.#failing = true;
    for (const write of batch) write.reject(failure);
  }
}
