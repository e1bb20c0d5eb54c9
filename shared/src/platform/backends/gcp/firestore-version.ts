import type * as SDK from '@google-cloud/firestore';
import { ConflictError } from '../../ports/errors.ts';

const VERSION = /^(\d{1,12})\.(\d{9})$/;

/** Seconds and nanoseconds as text: a number would lose the last digits, and then no update would ever match. */
export function toVersion({ seconds, nanoseconds }: SDK.Timestamp): string {
  return `${seconds}.${String(nanoseconds).padStart(9, '0')}`;
}

/** @throws ConflictError for a text that is no version of any document here. */
export function fromVersion(version: string): { seconds: number; nanos: number } {
  const parts = VERSION.exec(version);
  if (parts === null) throw new ConflictError('A document to update was read from another store');
  return { seconds: Number(parts[1]), nanos: Number(parts[2]) };
}
