import { Type } from 'typebox';
import { InvalidArgumentError, NotFoundError, PermanentError } from '../ports/errors.ts';
import type { RetainedQuery } from '../ports/bus-administration.ts';
import { defineCursor, type Cursor } from '../validation/cursor.ts';

// What the administration of the bus asks of names, pages and cursors, checked in the same way on every backend.

const SNAPSHOT_NAME = /^(?!goog)[A-Za-z][A-Za-z0-9-]{2,100}$/;
const MAX_PAGE = 1_000;
/** As Pub/Sub: a snapshot that would expire sooner is not made. */
const SHORTEST_SNAPSHOT_MS = 3_600_000;

/** @throws InvalidArgumentError */
export function checkSnapshotName(name: string): void {
  if (SNAPSHOT_NAME.test(name)) return;
  throw new InvalidArgumentError(
    'invalid_snapshot_name',
    'The name of a snapshot is a letter, then 2 to 100 letters, digits and hyphens, and does not begin with goog',
  );
}

/** @throws InvalidArgumentError */
export function checkSnapshotLife(expiresAtMs: number, nowMs: number): void {
  if (expiresAtMs - nowMs >= SHORTEST_SNAPSHOT_MS) return;
  throw new InvalidArgumentError(
    'snapshot_too_old',
    'The oldest message that is not acknowledged will be gone within the hour, and a snapshot with it',
  );
}

export function noSuchSnapshot(name: string): NotFoundError {
  return new NotFoundError('unknown_snapshot', `There is no snapshot ${name} of this topic; it may have expired`);
}

/** @throws PermanentError */
export function checkRetainedQuery({ limit }: RetainedQuery): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE) return;
  throw new PermanentError('invalid_query', `A page has 1 to ${MAX_PAGE} messages; asked for ${limit}`);
}

function numbers(count: number): Cursor<number[]> {
  const number = Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });
  return defineCursor(Type.Array(number, { minItems: count, maxItems: count }));
}

/** Of a reading that goes by two times, or by a time and a number. */
export const pairCursor = numbers(2);
/** Of a reading that goes by the numbers of the messages. */
export const numberCursor = numbers(1);
