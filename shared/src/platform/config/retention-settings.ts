import { topology } from '../../topology.ts';
import { integer } from './parsers.ts';
import type { Setting } from './settings.ts';

const DAY_MS = 24 * 3_600_000;
/** A message that is replayed must find what it has done before. */
const LEAST_DAYS = Math.floor(Math.max(...topology.topics.map((topic) => topic.retentionSeconds)) / (24 * 3_600)) + 1;

/** For every service that writes documents about people and purchases. */
export const retentionSettings = {
  RETENTION_DAYS: {
    description: `days until requests, links, joins, what was sent to WebEngage and dead letters are deleted; at least ${LEAST_DAYS}, longer than messages are kept for replay`,
    parse: integer(LEAST_DAYS, 36_500),
    fallback: 400,
  } as Setting<number>,
};

/** The `expiresAt` of a document about something that happened at `at`. */
export function expiryOf(at: string | number, retentionDays: number): string {
  return new Date(new Date(at).getTime() + retentionDays * DAY_MS).toISOString();
}
