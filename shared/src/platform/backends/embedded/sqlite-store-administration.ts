import { existsSync, linkSync, lstatSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { backup, type DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  AlreadyExistsError,
  errorMessage,
  InvalidArgumentError,
  PermanentError,
  RetryableError,
} from '../../ports/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { recordErasures } from './erasure-record.ts';
import type { BackupMade, StoreAdministration } from '../../ports/store-administration.ts';
import { noteUnfinished, removeUnfinishedBackups, unfinishedName } from './backup-leftovers.ts';
import { checkCopy } from './check-copy.ts';
import type { GroupCommit } from './group-commit.ts';
import { sqliteCode, sqliteCodeOf } from './store-errors.ts';
import { BACKUP_FOLDER, makePrivateFile, syncFile, syncFolder } from './store-files.ts';

/**
 * Of 4 KiB each, copied in one step: about a millisecond. Between two steps the system goes on, and what it writes is
 * copied along.
 */
const PAGES_PER_STEP = 100;

/** To find the store between two transactions; under a steady load the first few do. */
const MAX_ATTEMPTS = 1_000;

/** Not the fault of the path. */
const DISK_OR_PROCESS: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE']);

export class SqliteStoreAdministration implements StoreAdministration {
  readonly #database: DatabaseSync;
  readonly #writes: GroupCommit;
  readonly #clock: Clock;
  #isBackingUp = false;

  constructor(database: DatabaseSync, writes: GroupCommit, clock: Clock) {
    this.#database = database;
    this.#writes = writes;
    this.#clock = clock;
  }

  async backUp(wanted: string | undefined): Promise<BackupMade> {
    const dataDir = dirname(this.#location());
    const ownFolder = join(dataDir, BACKUP_FOLDER);
    const file =
      wanted ?? join(ownFolder, `store-${new Date(this.#clock.now()).toISOString().replaceAll(/[-:.]/g, '')}.db`);
    if (!isAbsolute(file))
      throw new InvalidArgumentError('invalid_path', 'path must be absolute, on the machine where the system runs');
    if (this.#isBackingUp) throw new AlreadyExistsError('A backup is being made already: wait for its end');
    this.#isBackingUp = true;
    try {
      removeUnfinishedBackups(dataDir);
      if (resolve(dirname(file)) === ownFolder) mkdirSync(ownFolder, { recursive: true, mode: 0o700 });
      return await this.#copyTo(file, dataDir);
    } catch (error) {
      throw toRefusal(error);
    } finally {
      removeUnfinishedBackups(dataDir);
      this.#isBackingUp = false;
    }
  }

  overwriteErased(): Promise<void> {
    return this.#writes.overwriteErased();
  }

  async #copyTo(file: string, dataDir: string): Promise<BackupMade> {
    const unfinished = unfinishedName(file);
    for (const path of [file, unfinished]) requireFree(path);
    // Before there is anything to leave behind.
    noteUnfinished(dataDir, unfinished);
    makeNewFile(unfinished);
    await this.#copyPages(unfinished);
    const problems = await checkCopy(unfinished);
    if (problems.length > 0) {
      // The copy may have been spoilt on its way: the store itself says.
      this.#writes.examine();
      throw new RetryableError(
        'backup_damaged',
        `The copy is damaged (${problems.join('; ')}), so it was not kept. Is the disk below it broken?`,
      );
    }
    syncFile(unfinished);
    putInPlace(unfinished, file);
    syncFolder(dirname(file));
    return { file, bytes: statSync(file).size };
  }

  recordErasures(requestIds: readonly string[]): Promise<void> {
    return recordErasures(dirname(this.#location()), requestIds, new Date(this.#clock.now()));
  }

  /**
   * Node runs the steps in a thread. When the first one meets a transaction of ours, which lasts milliseconds, Node 24
   * takes that for an error without a code.
   */
  async #copyPages(unfinished: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await backup(this.#database, unfinished, { rate: PAGES_PER_STEP });
        return;
      } catch (error) {
        if (sqliteCodeOf(error) !== sqliteCode.ok || attempt === MAX_ATTEMPTS) throw error;
      }
      await nextTurn();
    }
  }

  #location(): string {
    const location = this.#database.location();
    if (location === null) throw new InvalidArgumentError('no_file', 'A store in memory has no backups');
    return location;
  }
}

/** One answer for all that may be wrong with a place: nobody learns from it which files there are. */
function requireFree(path: string): void {
  try {
    lstatSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && existsSync(dirname(path))) return;
    throw unusablePath(error);
  }
  throw unusablePath();
}

function makeNewFile(unfinished: string): void {
  try {
    makePrivateFile(unfinished);
  } catch (error) {
    throw DISK_OR_PROCESS.has(codeOf(error)) ? error : unusablePath(error);
  }
}

/** Never over a file that has come there meanwhile. */
function putInPlace(unfinished: string, file: string): void {
  try {
    linkSync(unfinished, file);
    rmSync(unfinished);
  } catch (error) {
    if (existsSync(file)) throw unusablePath(error);
    // A file system without hard links.
    renameSync(unfinished, file);
  }
}

function unusablePath(cause?: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    'unusable_path',
    'path must name a file that does not exist already, in a folder that does and that the system may write to',
    { cause },
  );
}

function toRefusal(error: unknown): unknown {
  if (error instanceof PermanentError || error instanceof RetryableError) return error;
  return new RetryableError('backup_failed', `The backup could not be written: ${errorMessage(error)}`, {
    cause: error,
  });
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
