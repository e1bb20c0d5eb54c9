import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * In DATA_DIR. SQLite adds `store.db-wal`; everything else of ours begins with this name, too, or lies in `backups`.
 */
export const STORE_FILE = 'store.db';

export const BACKUP_FOLDER = 'backups';

/** Links, user ids and messages of people: for the user of the system only, under every umask. */
const PRIVATE = 0o600;
const OTHERS = 0o077;

/**
 * An empty file for this user only. What SQLite puts beside it gets its mode. @throws EEXIST when there is a file
 * already, also a dangling link
 */
export function makePrivateFile(file: string): void {
  const descriptor = openSync(file, 'wx', PRIVATE);
  try {
    // A umask may also take too much.
    fchmodSync(descriptor, PRIVATE);
  } finally {
    closeSync(descriptor);
  }
}

/** Takes from others what an earlier version, or a copy, has let them read. Files of another user are left to him. */
function makePrivate(file: string): void {
  const { mode, uid } = statSync(file);
  if ((mode & OTHERS) !== 0 && (process.getuid === undefined || process.getuid() === uid))
    chmodSync(file, mode & ~OTHERS);
}

/** Every file of the store, its backups and what restores have replaced. */
export function makeStorePrivate(dataDir: string): void {
  const backups = join(dataDir, BACKUP_FOLDER);
  const ours = readdirSync(dataDir, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.startsWith('store.'),
  );
  const copies = existsSync(backups)
    ? readdirSync(backups, { withFileTypes: true }).filter((entry) => entry.isFile())
    : [];
  for (const { parentPath, name } of [...ours, ...copies]) makePrivate(join(parentPath, name));
}

/** Not for a database that this process has open: closing any descriptor of it would give up SQLite's locks on it. */
export function syncFile(file: string): void {
  sync(file, 'r+');
}

/** What has been made, renamed or removed in it is so after a power cut, too. */
export function syncFolder(folder: string): void {
  sync(folder, 'r');
}

/** On stable storage before it returns. Replaces `to`. */
export function moveDurably(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
}

function sync(path: string, flags: string): void {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
