import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '../../log/logger.ts';
import { damagedError, isDamage, StoreStartError } from './store-errors.ts';

/**
 * A store of this size is read from end to end in 0.2 s at its start; a larger one is looked at piece by piece while it
 * runs.
 */
export const CHECKED_AT_START_BYTES = 64 * 2 ** 20;

/**
 * Beside the store: it was found damaged while it ran, so the next start reads it from end to end, also a large one.
 */
function markOf(file: string): string {
  return `${file}.damaged`;
}

/**
 * Structure, order, indexes and free pages of everything. @returns what is wrong, at most `limit` findings. @throws
 * what node:sqlite says
 */
export function damageIn(database: DatabaseSync, limit: number): readonly string[] {
  return database
    .prepare(`PRAGMA integrity_check(${limit})`)
    .all()
    .map((row) => String(row['integrity_check']))
    .filter((finding) => finding !== 'ok');
}

/** @throws StoreStartError when the store is damaged, and not too large to be looked at now */
export function checkAtStart(database: DatabaseSync, file: string): void {
  if (statSync(file).size > CHECKED_AT_START_BYTES && !existsSync(markOf(file))) return;
  const [finding] = damageIn(database, 1);
  if (finding !== undefined) {
    throw new StoreStartError(
      'store_not_a_database',
      `${file} is damaged (${finding}). Put back a copy of it with \`ops backup restore\`, or move it away to start empty.`,
    );
  }
  // What was read is not what will be needed.
  database.exec('PRAGMA shrink_memory');
  forgetDamage(file);
}

/** There is another store in its place. */
export function forgetDamage(file: string): void {
  rmSync(markOf(file), { force: true });
}

/**
 * Knows that a running store is damaged, from the first operation or check that meets it. From then on nothing is
 * written: what is acknowledged could be lost, and each write may do more harm.
 */
export class StoreDamage {
  readonly #file: string | null;
  readonly #log: Logger;
  #found = false;

  constructor(database: DatabaseSync, log: Logger) {
    this.#file = database.location();
    this.#log = log;
  }

  get isFound(): boolean {
    return this.#found;
  }

  /** To be called with every error of the store; only damage counts. */
  note(error: unknown): void {
    if (!this.#found && isDamage(error)) this.found(error);
  }

  found(error: unknown): void {
    this.#log.error(
      { error: damagedError(error) },
      'the store is damaged: nothing is accepted or worked on until a backup is put back',
    );
    this.#found = true;
    if (this.#file === null) return;
    try {
      writeFileSync(markOf(this.#file), '', { mode: 0o600 });
    } catch (cause) {
      this.#log.error({ error: cause }, 'the damage could not be marked: the next start may not see it at once');
    }
  }

  /** @throws RetryableError when the store is known to be damaged */
  refuse(): void {
    if (this.#found) throw damagedError();
  }
}
