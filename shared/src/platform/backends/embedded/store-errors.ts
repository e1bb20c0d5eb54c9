import { RetryableError } from '../../ports/errors.ts';

export type StoreStartCode =
  | 'data_dir_not_usable'
  | 'data_dir_in_use'
  | 'store_being_restored'
  | 'store_missing'
  | 'store_not_a_database'
  | 'store_foreign'
  | 'store_version_newer'
  | 'store_moved'
  | 'store_open_failed';

/** The store cannot be opened, and a person has to act: the message names the place and says what to do. */
export class StoreStartError extends Error {
  readonly code: StoreStartCode;

  constructor(code: StoreStartCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreStartError';
    this.code = code;
  }
}

/** SQLite's primary result codes (https://sqlite.org/rescode.html) that are told apart here. */
export const sqliteCode = {
  ok: 0,
  busy: 5,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
  range: 25,
  notADatabase: 26,
};

/** The primary result code of an error thrown by node:sqlite; undefined for any other error. */
export function sqliteCodeOf(error: unknown): number | undefined {
  // Not instanceof: under jest, Node's own errors come from another realm.
  if (typeof error !== 'object' || error === null || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

const faultsOfTheStatement = new Set([sqliteCode.tooBig, sqliteCode.constraint, sqliteCode.mismatch, sqliteCode.range]);

/** True when the disk or the file is to blame, so that every operation would have failed in the same way. */
export function isStorageFailure(error: unknown): boolean {
  const code = sqliteCodeOf(error);
  return code !== undefined && !faultsOfTheStatement.has(code);
}

/** What the file holds is not what was written. */
export function isDamage(error: unknown): boolean {
  return sqliteCodeOf(error) === sqliteCode.corrupt || sqliteCodeOf(error) === sqliteCode.notADatabase;
}

export function damagedError(cause?: unknown): RetryableError {
  return new RetryableError('storage_corrupt', 'The store in DATA_DIR is damaged; stop, and put back a copy of it', {
    cause,
  });
}

/**
 * A text that we have stored as JSON, and that is none: only damage makes it so. Counts as SQLite's own SQLITE_CORRUPT
 * does.
 */
class DamagedRow extends Error {
  readonly errcode = sqliteCode.corrupt;
}

export function parseStored(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Without the cause: it would quote what is stored.
    throw new DamagedRow(
      `A stored row is not what was written (${error instanceof Error ? error.name : 'unreadable'})`,
    );
  }
}

export function toRetryable(error: unknown): RetryableError {
  if (error instanceof RetryableError) return error;
  if (sqliteCodeOf(error) === sqliteCode.full) {
    return new RetryableError('storage_full', 'The disk that holds DATA_DIR is full; free some space', {
      cause: error,
    });
  }
  if (isDamage(error)) return damagedError(error);
  return new RetryableError('storage_error', 'The store in DATA_DIR could not be read or written', { cause: error });
}

export function closedError(): RetryableError {
  return new RetryableError('closed', 'The store is closed: this process is shutting down');
}
