import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** Brings to stable storage what has been committed to a database in WAL mode. */
export interface LogSync {
  /** Everything committed before the call, when `done` is called without an error. The event loop goes on meanwhile. */
  start(done: (error: Error | null) => void): void;
  /** The same at once. @throws what the disk says. */
  now(): void;
  /** To be called once; a sync under way is waited for elsewhere. */
  close(): void;
}

/**
 * Syncs the write-ahead log by a descriptor of our own, in a thread of libuv's pool: SQLite itself would hold the event
 * loop for the length of the fsync. The log is one file as long as the database is open. Closing our descriptor loses
 * no lock of SQLite: those are on the database file.
 */
export function openLogSync(database: DatabaseSync): LogSync {
  const file = openSync(`${database.location() ?? ''}-wal`, 'r+');
  let underWay = 0;
  let closing = false;
  return {
    start: (done) => {
      underWay += 1;
      fdatasync(file, (error) => {
        underWay -= 1;
        if (closing && underWay === 0) closeSync(file);
        done(error);
      });
    },
    now: () => {
      fdatasyncSync(file);
    },
    close: () => {
      closing = true;
      if (underWay === 0) closeSync(file);
    },
  };
}
