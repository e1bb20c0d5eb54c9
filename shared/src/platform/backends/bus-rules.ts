import { PermanentError } from '../delivery/errors.ts';
import type { RetainedQuery } from '../ports/bus-administration.ts';

// What the administration of the bus asks of names, pages and cursors, checked in the same way on every backend.

const SNAPSHOT_NAME = /^(?!goog)[A-Za-z][A-Za-z0-9-]{2,100}$/;
const MAX_PAGE = 1_000;
/** As Pub/Sub: a snapshot that would expire sooner is not made. */
const SHORTEST_SNAPSHOT_MS = 3_600_000;

/** @throws PermanentError */
export function checkSnapshotName(name: string): void {
  if (SNAPSHOT_NAME.test(name)) return;
  throw new PermanentError(
    'invalid_snapshot_name',
    'The name of a snapshot is a letter, then 2 to 100 letters, digits and hyphens, and does not begin with goog',
  );
}

/** @throws PermanentError */
export function checkSnapshotLife(expiresAtMs: number, nowMs: number): void {
  if (expiresAtMs - nowMs >= SHORTEST_SNAPSHOT_MS) return;
  throw new PermanentError(
    'snapshot_too_old',
    'The oldest message that is not acknowledged will be gone within the hour, and a snapshot with it',
  );
}

export function noSuchSnapshot(name: string): PermanentError {
  return new PermanentError('unknown_snapshot', `There is no snapshot ${name} of this topic; it may have expired`);
}

/** @throws PermanentError */
export function checkRetainedQuery({ limit }: RetainedQuery): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE) return;
  throw new PermanentError('invalid_query', `A page has 1 to ${MAX_PAGE} messages; asked for ${limit}`);
}

export function encodeNumbers(numbers: readonly number[]): string {
  return Buffer.from(JSON.stringify(numbers)).toString('base64url');
}

/** @throws PermanentError for a text that `encodeNumbers` has not made of so many numbers. */
export function decodeNumbers(cursor: string, count: number): readonly number[] {
  try {
    const numbers: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (
      Array.isArray(numbers) &&
      numbers.length === count &&
      numbers.every((value): value is number => Number.isSafeInteger(value))
    )
      return numbers;
  } catch {
    // Said below.
  }
  throw new PermanentError('invalid_cursor', 'The cursor is not one that this reading has returned');
}
