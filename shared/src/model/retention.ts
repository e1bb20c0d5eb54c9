import { topics } from './topics.ts';

const DAY_MS = 24 * 3_600_000;

/** A message that is replayed must find what it has done before, so documents outlive messages. */
export const LEAST_RETENTION_DAYS =
  Math.floor(Math.max(...topics.map(({ retentionSeconds }) => retentionSeconds)) / (24 * 3_600)) + 1;

/** The `expiresAt` of a document about something that happened at `at`. */
export function expiryOf(at: string | number, retentionDays: number): string {
  return new Date(new Date(at).getTime() + retentionDays * DAY_MS).toISOString();
}
