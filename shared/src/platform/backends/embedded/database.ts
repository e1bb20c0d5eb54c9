import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { removeUnfinishedBackups } from './backup-leftovers.ts';
import { KEPT_LOG_PAGES } from './log-checkpoint.ts';
import { refuseMovedStore } from './move-record.ts';
import { finishRestore, isUnderWay, refuseLostStore } from './restore-journal.ts';
import { SCHEMA_STEPS, SCHEMA_VERSION } from './schema.ts';
import { checkAtStart } from './store-damage.ts';
import { sqliteCode, sqliteCodeOf, StoreStartError } from './store-errors.ts';
import { makePrivateFile, makeStorePrivate, moveDurably, STORE_FILE } from './store-files.ts';
import { lockStore } from './store-lock.ts';

/** SQLite's default. */
const PAGE_BYTES = 4_096;

/**
 * - EXCLUSIVE: one process owns the file from open to close, which is what lets leases live in memory. Set before the
 *   first access, it also spares WAL its shared-memory file.
 * - WAL with synchronous FULL: a COMMIT returns after its fsync. GroupCommit takes the sync over, off the event loop.
 * - What is deleted is overwritten, in the pages that are written anyway; only a page that becomes free is written for
 *   it.
 * - The cache (KiB when negative) trades memory for throughput.
 * - The log is moved into the database at leisure (LogCheckpoint). At so many pages of 4 KiB SQLite does it in a
 *   commit, which takes about 15 ms: less often would stop the event loop for longer, more often would cost throughput.
 *   Its file shrinks to the limit when the log begins anew.
 */
const PRAGMAS = `
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -32000;
  PRAGMA wal_autocheckpoint = 8000;
  PRAGMA journal_size_limit = ${KEPT_LOG_PAGES * PAGE_BYTES};
  PRAGMA temp_store = MEMORY;
  PRAGMA secure_delete = ON;
`;

/** The store, and the lock that goes with it. */
class LockedStore extends DatabaseSync {
  readonly #lock: DatabaseSync;

  constructor(file: string, lock: DatabaseSync) {
    super(file);
    this.#lock = lock;
  }

  override close(): void {
    super.close();
    this.#lock.close();
  }
}

/**
 * Opens `dataDir`/store.db, making folder, file and schema where they are missing, and locks it for this process.
 * Finishes a restore that died half way.
 * @throws StoreStartError saying what is wrong with the place and what to do about it.
 */
export function openDatabase(dataDir: string): DatabaseSync {
  const lock = openLock(dataDir);
  try {
    refuseMovedStore(dataDir);
    finishRestore(dataDir);
    return openStore(dataDir, (file) => new LockedStore(file, lock));
  } catch (error) {
    if (lock.isOpen) lock.close();
    throw toStartError(error, dataDir);
  }
}

/** The lock alone, for work on the files. @throws StoreStartError */
export function openLock(dataDir: string): DatabaseSync {
  try {
    // For this user only: the store holds invite links.
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw notUsable(dataDir, error);
  }
  try {
    return lockStore(dataDir);
  } catch (error) {
    throw sqliteCodeOf(error) === sqliteCode.busy && isUnderWay(dataDir)
      ? beingRestored(dataDir, error)
      : toStartError(error, dataDir);
  }
}

/** Call it under the lock. @throws StoreStartError */
export function openStore(
  dataDir: string,
  open: (file: string) => DatabaseSync = (file) => new DatabaseSync(file),
): DatabaseSync {
  const file = join(dataDir, STORE_FILE);
  let database: DatabaseSync | undefined;
  try {
    if (!existsSync(file)) {
      refuseLostStore(dataDir);
      makeStore(file);
    }
    if (statSync(file).size === 0) {
      throw new StoreStartError(
        'store_not_a_database',
        `${file} is empty: what it held is lost. Put back a copy of it with \`ops backup restore\`, or move it away to start empty.`,
      );
    }
    makeStorePrivate(dataDir);
    removeUnfinishedBackups(dataDir);
    database = open(file);
    prepareStore(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw toStartError(error, dataDir);
  }
}

/** Under its name only when it is whole, so that a start that dies leaves nothing, or a store. */
function makeStore(file: string): void {
  const draft = `${file}.creating`;
  for (const suffix of ['', '-journal']) rmSync(`${draft}${suffix}`, { force: true });
  makePrivateFile(draft);
  const database = new DatabaseSync(draft);
  try {
    database.exec(['BEGIN', ...SCHEMA_STEPS, `PRAGMA user_version = ${SCHEMA_VERSION}`, 'COMMIT'].join(';\n'));
  } finally {
    database.close();
  }
  moveDurably(draft, file);
}

function prepareStore(database: DatabaseSync, file: string): void {
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > SCHEMA_VERSION) {
    throw new StoreStartError(
      'store_version_newer',
      `${file} was written by a newer version of this program (schema ${version}; this one knows ${SCHEMA_VERSION}). ` +
        'Start that version, or give this one another DATA_DIR.',
    );
  }
  if (version === 0 && database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined) {
    throw new StoreStartError('store_foreign', `${file} is the database of another program. Choose another DATA_DIR.`);
  }
  const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
  if (mode !== 'wal') {
    throw new StoreStartError(
      'store_open_failed',
      `The file system of ${file} does not support write-ahead logging. Choose another DATA_DIR.`,
    );
  }
  database.exec(PRAGMAS);
  checkAtStart(database, file);
  // A write at every start: takes the lock, proves that the disk takes writes, and counts the starts.
  database.exec('BEGIN IMMEDIATE');
  if (version < SCHEMA_VERSION)
    database.exec([...SCHEMA_STEPS.slice(version), `PRAGMA user_version = ${SCHEMA_VERSION}`].join(';\n'));
  database.exec(`UPDATE meta SET value = value + 1 WHERE key = 'starts'; COMMIT`);
}

/** How often the store has been opened: a number that no earlier process has used. */
export function startNumber(database: DatabaseSync): number {
  return Number(database.prepare(`SELECT value FROM meta WHERE key = 'starts'`).get()?.['value']);
}

/** What node:sqlite or node:fs has said while a store was opened. */
export function toStartError(error: unknown, dataDir: string): StoreStartError {
  if (error instanceof StoreStartError) return error;
  const file = join(dataDir, STORE_FILE);
  const code = sqliteCodeOf(error);
  if (code === sqliteCode.cannotOpen || isFileSystemError(error)) return notUsable(dataDir, error);
  if (code === sqliteCode.busy) {
    return new StoreStartError(
      'data_dir_in_use',
      `DATA_DIR ${dataDir} is in use by another process. Stop it, or give this one another DATA_DIR.`,
      { cause: error },
    );
  }
  if (code === sqliteCode.notADatabase || code === sqliteCode.corrupt) {
    return new StoreStartError(
      'store_not_a_database',
      `${file} is damaged or not a database. Put back a copy of it, or move it away to start empty.`,
      { cause: error },
    );
  }
  return new StoreStartError('store_open_failed', `${file} cannot be opened: ${reasonOf(error)}.`, { cause: error });
}

function isFileSystemError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'syscall' in error;
}

function beingRestored(dataDir: string, cause: unknown): StoreStartError {
  return new StoreStartError(
    'store_being_restored',
    `The store in ${dataDir} is being restored. Start again when that is done.`,
    { cause },
  );
}

function notUsable(dataDir: string, error: unknown): StoreStartError {
  return new StoreStartError(
    'data_dir_not_usable',
    `DATA_DIR ${dataDir} is not a folder that this process may write to (${reasonOf(error)}). ` +
      'Choose another one, or correct its owner and permissions.',
    { cause: error },
  );
}

function reasonOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'no reason given';
}
