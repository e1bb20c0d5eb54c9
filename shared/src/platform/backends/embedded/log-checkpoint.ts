import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RetryableError } from '../../ports/errors.ts';
import type { Logger } from '../../log/logger.ts';

/** A checkpoint of so many pages holds the event loop for one to two milliseconds, two syncs of the disk included. */
const WORTH_PAGES = 300;
/** The length of log (pages of 4 KiB) that keeps its place on the disk; what a burst leaves beyond it is given back. */
export const KEPT_LOG_PAGES = 2_000;

/**
 * Moves the write-ahead log into the database. SQLite does so by itself when the log has become long (see PRAGMAS), in
 * the middle of a commit; done before, in small pieces while few or none wait, it is hardly felt. A short log that is
 * written over and over is also synced faster than one that grows (130 instead of 210 microseconds, measured on ext4).
 */
export class LogCheckpoint {
  readonly #log: Logger;
  readonly #look: StatementSync;
  readonly #move: StatementSync;
  readonly #moveAndRestart: StatementSync;
  #failing = false;

  constructor(database: DatabaseSync, log: Logger) {
    this.#log = log;
    this.#look = database.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#move = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    this.#moveAndRestart = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** To be called when little waits to be written. Does nothing while the log is short. */
  atLeisure(): void {
    try {
      const { log, checkpointed } = this.#look.get() as { log: number; checkpointed: number };
      if (log - checkpointed < WORTH_PAGES) return;
      if (log < KEPT_LOG_PAGES) this.#move.get();
      else this.restart();
      this.#failing = false;
    } catch (error) {
      // Nothing is lost: it stays in the log, and the next checkpoint tries again. Told once for each outage.
      if (!this.#failing) this.#log.warn({ error }, 'the write-ahead log could not be moved into the database');
      this.#failing = true;
    }
  }

  /** Everything into the database, with a sync of that file, and the log from its start. @throws what SQLite says */
  restart(): void {
    const { busy } = this.#moveAndRestart.get() as { busy: number };
    if (busy !== 0)
      throw new RetryableError('storage_busy', 'The write-ahead log is being read, so that it cannot be emptied now');
  }
}
