import type { Collection } from '../../platform/ports/topology-types.ts';

/** Updates of a poll whose handling began and did not end: the process died meanwhile. */
export interface PolledUpdates {
  /** By update_id, how often. */
  readonly begun: Readonly<Record<string, number>>;
}

/**
 * Id: see pollId. Written only for what a process finds waiting at its start, which alone can be what ended the one before,
 * and for what has failed.
 */
export const polledUpdates: Collection<PolledUpdates> = {
  name: 'polled_updates',
  owner: 'join-tracker',
  operatorWrites: false,
  keyedBy: 'poll',
  personalFields: {},
  onErasure: { keep: 'numbers of updates' },
  indexes: [],
};

/** The poll of the default bot. */
export const POLL = 'telegram';

/** Each bot is polled by itself, and counts its updates by itself. */
export function pollId(botId: string | undefined): string {
  return botId === undefined ? POLL : `${POLL}.${botId}`;
}
