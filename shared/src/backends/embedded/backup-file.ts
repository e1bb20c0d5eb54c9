import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errorMessage } from '../../delivery/errors.ts';
import { openDatabase, STORE_FILE } from './database.ts';
import { SCHEMA_VERSION } from './schema.ts';

interface BackupReport {
  /** Empty when the file is whole and this program can read it. */
  readonly problems: readonly string[];
  readonly schemaVersion: number;
  readonly messages: number;
  /** Deliveries and tasks that were still to be done. */
  readonly waiting: number;
  /** By collection. */
  readonly documents: Readonly<Record<string, number>>;
}

/** Reads the whole file: a gigabyte takes some seconds. Changes nothing. */
export function checkBackup(file: string): BackupReport {
  const nothing = { schemaVersion: 0, messages: 0, waiting: 0, documents: {} };
  if (!existsSync(file)) return { ...nothing, problems: [`There is no file ${file}`] };
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    return inspect(database);
  } catch (error) {
    return { ...nothing, problems: [`It is damaged or no backup of ours: ${errorMessage(error)}`] };
  } finally {
    database?.close();
  }
}

function inspect(database: DatabaseSync): BackupReport {
  const findings = database.prepare('PRAGMA integrity_check').all().map((row) => String(row['integrity_check'])).filter((finding) => finding !== 'ok');
  const schemaVersion = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  const tooNew = schemaVersion > SCHEMA_VERSION ? [`It was written by a newer version of this program (schema ${schemaVersion}; this one knows ${SCHEMA_VERSION})`] : [];
  const foreign = schemaVersion === 0 ? ['It is the database of another program'] : [];
  const problems = [...findings, ...tooNew, ...foreign];
  if (problems.length > 0) return { problems, schemaVersion, messages: 0, waiting: 0, documents: {} };
  const count = (sql: string): number => Number(database.prepare(sql).get()?.['n']);
  const documents = database.prepare('SELECT collection, count(*) AS n FROM documents GROUP BY collection').all();
  return {
    problems,
    schemaVersion,
    messages: count('SELECT count(*) AS n FROM messages'),
    waiting: count('SELECT count(*) AS n FROM deliveries') + count('SELECT count(*) AS n FROM tasks WHERE finished_at IS NULL'),
    documents: Object.fromEntries(documents.map((row) => [String(row['collection']), Number(row['n'])])),
  };
}

interface RestoreOptions {
  readonly dataDir: string;
  readonly file: string;
  /**
   * everything = the store as it was when the backup was made. documents = only those; messages and tasks stay as they are now, so that what
   * the documents do not know any more can be rebuilt from them; the queues are paused until that is done.
   */
  readonly what: 'everything' | 'documents';
  /** Names of queues to pause, with `documents`. */
  readonly queues: readonly string[];
  readonly now: Date;
}

/**
 * Puts a backup in the place of the store of a stopped system.
 * @returns the file that was replaced, kept aside; undefined when there was none.
 * @throws StoreStartError when the system is running, or the folder cannot be used.
 */
export function restoreBackup({ dataDir, file, what, queues, now }: RestoreOptions): { readonly replaced: string | undefined } {
  const store = join(dataDir, STORE_FILE);
  const existed = existsSync(store);
  // Takes the lock, which a running system holds, and brings everything from the write-ahead log into the file.
  openDatabase(dataDir).close();
  const replaced = `${store}.replaced-${now.toISOString().replaceAll(/[-:.]/g, '')}`;
  const incoming = `${store}.restoring`;
  copyFileSync(what === 'everything' ? file : store, incoming);
  if (what === 'documents') replaceDocuments(incoming, file, queues);
  renameSync(store, replaced);
  renameSync(incoming, store);
  if (existed) return { replaced };
  rmSync(replaced);
  return { replaced: undefined };
}

function replaceDocuments(store: string, backup: string, queues: readonly string[]): void {
  const database = new DatabaseSync(store);
  try {
    database.exec('PRAGMA synchronous = FULL');
    database.prepare('ATTACH DATABASE ? AS backup').run(backup);
    database.exec('BEGIN IMMEDIATE; DELETE FROM main.documents');
    database.exec('INSERT INTO main.documents (collection, id, version, data) SELECT collection, id, version, data FROM backup.documents');
    const pause = database.prepare('INSERT INTO main.paused_queues (queue) VALUES (?) ON CONFLICT DO NOTHING');
    for (const queue of queues) pause.run(queue);
    database.exec('COMMIT; DETACH DATABASE backup');
    // In one file again, for the rename.
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}
