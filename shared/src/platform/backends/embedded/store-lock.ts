import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivateFile } from './store-files.ts';

const LOCK_FILE = 'store.lock';

/**
 * Makes this process the only one that touches the store, until `close` or its end, however it ends. A lock on store.db
 * itself would not do: a restore puts another file in its place. The file is an empty database that nobody writes to;
 * what counts is SQLite's lock on it, the one kind that Node can take and that the kernel takes back.
 * @throws what node:fs says, and node:sqlite's error: SQLITE_BUSY when another process has it
 */
export function lockStore(dataDir: string): DatabaseSync {
  const file = join(dataDir, LOCK_FILE);
  if (!existsSync(file)) makePrivateFile(file);
  const lock = new DatabaseSync(file);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}
