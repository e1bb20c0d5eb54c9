import { existsSync, rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import { errorMessage } from '../../ports/errors.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { damageIn } from './store-damage.ts';

export interface BackupReport {
  /** Empty when the file is whole and this program can read it. */
  readonly problems: readonly string[];
  readonly schemaVersion: number;
  readonly messages: number;
  /** Deliveries and tasks that were still to be done. */
  readonly waiting: number;
  /** By collection. */
  readonly documents: Readonly<Record<string, number>>;
}

const FINDINGS = 20;

/** Reads the whole file: a gigabyte takes some seconds. Changes nothing. */
export function checkBackup(file: string): BackupReport {
  const nothing = { schemaVersion: 0, messages: 0, waiting: 0, documents: {} };
  if (!existsSync(file)) return { ...nothing, problems: [`There is no file ${file}`] };
  try {
    return readBackup(file, inspect);
  } catch (error) {
    return { ...nothing, problems: [`It is damaged or no backup of ours: ${errorMessage(error)}`] };
  }
}

/** Lets `read` see the file, which stays as it is, and nothing is left beside it. @throws what node:sqlite says */
export function readBackup<T>(file: string, read: (database: DatabaseSync) => T): T {
  const isCopyOfAStoppedStore = existsSync(`${file}-wal`);
  const had = existsSync(`${file}-shm`);
  const database = new DatabaseSync(readOnlyUrl(file), { readOnly: true });
  try {
    return read(database);
  } finally {
    database.close();
    if (isCopyOfAStoppedStore && !had) rmSync(`${file}-shm`, { force: true });
  }
}

/**
 * With a log beside it, the file is a copy of a store that was not stopped, or a store in use: then SQLite's locks
 * count, and the log belongs to it.
 */
export function readOnlyUrl(file: string): URL {
  const url = pathToFileURL(file);
  url.search = existsSync(`${file}-wal`) ? 'mode=ro' : 'mode=ro&immutable=1';
  return url;
}

function inspect(database: DatabaseSync): BackupReport {
  const findings = damageIn(database, FINDINGS);
  const schemaVersion = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  const tooNew =
    schemaVersion > SCHEMA_VERSION
      ? [
          `It was written by a newer version of this program (schema ${schemaVersion}; this one knows ${SCHEMA_VERSION})`,
        ]
      : [];
  const foreign = schemaVersion === 0 ? ['It is the database of another program'] : [];
  const problems = [...findings, ...tooNew, ...foreign];
  if (problems.length > 0) return { problems, schemaVersion, messages: 0, waiting: 0, documents: {} };
  const count = (sql: string): number => Number(database.prepare(sql).get()?.['n']);
  const documents = database.prepare('SELECT collection, count(*) AS n FROM documents GROUP BY collection').all();
  return {
    problems,
    schemaVersion,
    messages: count('SELECT count(*) AS n FROM messages'),
    waiting:
      count('SELECT count(*) AS n FROM deliveries') +
      count('SELECT count(*) AS n FROM tasks WHERE finished_at IS NULL'),
    documents: Object.fromEntries(documents.map((row) => [String(row['collection']), Number(row['n'])])),
  };
}
