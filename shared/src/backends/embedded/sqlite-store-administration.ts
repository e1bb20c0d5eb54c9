import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { backup, type DatabaseSync } from 'node:sqlite';
import { errorMessage, PermanentError } from '../../delivery/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { recordErasures } from './erasure-record.ts';
import type { BackupMade, StoreAdministration } from '../../ports/store-administration.ts';

/** Of 4 KiB each, copied in one step: about a millisecond. Between two steps the system goes on, and what it writes is copied along. */
const PAGES_PER_STEP = 100;

export class SqliteStoreAdministration implements StoreAdministration {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;

  constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async backUp(wanted: string | undefined): Promise<BackupMade> {
    const file = wanted ?? join(dirname(this.#location()), 'backups', `store-${new Date(this.#clock.now()).toISOString().replaceAll(/[-:.]/g, '')}.db`);
    if (!isAbsolute(file)) throw new PermanentError('invalid_path', 'The path of a backup is absolute, on the machine where the system runs');
    if (existsSync(file)) throw new PermanentError('file_exists', `There is a file ${file} already`);
    const unfinished = `${file}.unfinished`;
    try {
      // For this user only, as the store itself.
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      await backup(this.#database, unfinished, { rate: PAGES_PER_STEP });
      renameSync(unfinished, file);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw new PermanentError('backup_failed', `${file} could not be written: ${errorMessage(error)}`, { cause: error });
    }
    return { file, bytes: statSync(file).size };
  }

  recordErasures(requestIds: readonly string[]): Promise<void> {
    return recordErasures(dirname(this.#location()), requestIds, new Date(this.#clock.now()));
  }

  #location(): string {
    const location = this.#database.location();
    if (location === null) throw new PermanentError('no_file', 'A store in memory has no backups');
    return location;
  }
}
