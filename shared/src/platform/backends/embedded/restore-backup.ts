import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { checkBackup, readOnlyUrl } from './backup-file.ts';
import { openLock, openStore } from './database.ts';
import { erasedThatCameBack } from './erasure-record.ts';
import { refuseMovedStore } from './move-record.ts';
import { decideRestore, discardIncoming, finishRestore, restoreFiles } from './restore-journal.ts';
import { forgetDamage } from './store-damage.ts';
import type { Collection } from '../../ports/topology-types.ts';
import { StoreStartError, type StoreStartCode } from './store-errors.ts';
import { makePrivateFile, syncFile, syncFolder } from './store-files.ts';

interface RestoreOptions {
  readonly dataDir: string;
  readonly file: string;
  /**
   * everything = the store as it was when the backup was made. documents = only those; messages and tasks stay as they
   * are now, so that what the documents do not know any more can be rebuilt from them; the queues are paused until that
   * is done.
   */
  readonly what: 'everything' | 'documents';
  /** Names of queues to pause, with `documents`. */
  readonly queues: readonly string[];
  /** Their `notFromBackup` is left out. */
  readonly collections: readonly Pick<Collection<object>, 'name' | 'notFromBackup'>[];
  readonly now: Date;
}

interface Restored {
  readonly replaced: string | undefined;
  readonly erasedButBack: readonly string[];
}

/** A whole restore gets over these: they are what it is for. */
const LOST: ReadonlySet<StoreStartCode> = new Set<StoreStartCode>(['store_missing', 'store_not_a_database']);

const PAGES_PER_STEP = 10_000;

/**
 * Puts a backup in the place of the store of a stopped system. Nobody else gets at the store meanwhile. A process that
 * dies on the way leaves the old store or the new one (restore-journal.ts); in doubt, run it again.
 * @returns the file that was replaced, kept aside (undefined when there was none), and the erased requests that came
 * back.
 * @throws StoreStartError when the system is running, the folder cannot be used, or what is to take the place is not
 * whole.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { dataDir, now } = options;
  const { store } = restoreFiles(dataDir);
  const lock = openLock(dataDir);
  try {
    refuseMovedStore(dataDir);
    finishRestore(dataDir);
    const existed = existsSync(store);
    try {
      await prepareIncoming(options);
    } catch (error) {
      discardIncoming(dataDir);
      throw error;
    }
    const replaced = asideName(store, now);
    decideRestore(dataDir, replaced);
    finishRestore(dataDir);
    forgetDamage(store);
    return { replaced: existed ? replaced : undefined, erasedButBack: erasedThatCameBack(dataDir) };
  } finally {
    lock.close();
  }
}

/** The file that is to take the place: whole, and on stable storage. */
async function prepareIncoming({ dataDir, file, what, queues, collections }: RestoreOptions): Promise<void> {
  const { store, incoming } = restoreFiles(dataDir);
  // Messages and tasks of a system that has never run.
  if (what === 'documents' && !existsSync(store)) openStore(dataDir).close();
  discardIncoming(dataDir);
  // Before all that takes long: a start meanwhile knows by it why it does not get the lock.
  makePrivateFile(incoming);
  if (existsSync(store)) foldLog(dataDir, what);
  await copy(what === 'everything' ? file : store, incoming);
  if (what === 'documents') replaceDocuments(incoming, file, queues);
  const { problems } = checkBackup(incoming);
  if (problems.length > 0)
    throw new StoreStartError(
      'store_not_a_database',
      `What was to take the place of ${store} is not whole (${problems.join('; ')}). Nothing was replaced.`,
    );
  leaveOut(incoming, collections);
  syncFile(incoming);
  syncFolder(dataDir);
}

/**
 * So that what is replaced is one file. Also finds out whether a process of an earlier version, which knows no lock
 * file, has it.
 */
function foldLog(dataDir: string, what: RestoreOptions['what']): void {
  try {
    openStore(dataDir).close();
  } catch (error) {
    if (what === 'everything' && error instanceof StoreStartError && LOST.has(error.code)) return;
    throw error;
  }
}

function leaveOut(store: string, collections: RestoreOptions['collections']): void {
  const database = new DatabaseSync(store);
  try {
    database.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; BEGIN IMMEDIATE');
    const all = database.prepare('DELETE FROM documents WHERE collection = ?');
    const some = database.prepare('DELETE FROM documents WHERE collection = ? AND data ->> ? = ?');
    for (const { name, notFromBackup } of collections) {
      if (notFromBackup === 'all') all.run(name);
      else if (notFromBackup !== undefined) some.run(name, notFromBackup.field, notFromBackup.value);
    }
    database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}

/** By way of SQLite, so that a log beside the source is not forgotten. */
async function copy(source: string, target: string): Promise<void> {
  const database = new DatabaseSync(readOnlyUrl(source), { readOnly: true });
  try {
    await backup(database, target, { rate: PAGES_PER_STEP });
  } finally {
    database.close();
  }
}

function asideName(store: string, now: Date): string {
  const name = `${store}.replaced-${now.toISOString().replaceAll(/[-:.]/g, '')}`;
  return existsSync(name) ? `${name}-${randomUUID()}` : name;
}

function replaceDocuments(store: string, source: string, queues: readonly string[]): void {
  const database = new DatabaseSync(store);
  try {
    database.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
    database.prepare('ATTACH DATABASE ? AS backup').run(readOnlyUrl(source).href);
    database.exec('BEGIN IMMEDIATE; DELETE FROM main.documents');
    database.exec(
      'INSERT INTO main.documents (collection, id, version, data) SELECT collection, id, version, data FROM backup.documents',
    );
    const pause = database.prepare('INSERT INTO main.paused_queues (queue) VALUES (?) ON CONFLICT DO NOTHING');
    for (const queue of queues) pause.run(queue);
    database.exec('COMMIT; DETACH DATABASE backup');
    // In one file again, for the rename.
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}
