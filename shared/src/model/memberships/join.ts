import type { Collection } from '../../platform/ports/topology-types.ts';

/** The first join through a request's link: the one that is reported. */
export interface Join {
  readonly requestId: string;
  /** Empty when it was erased, of somebody who joined through the link of another person's purchase. */
  readonly telegramUserId: string;
  readonly joinedAt: string;
  readonly inviteLinkHash: string;
  /** Number of its event (`joinGeneration` of the request); absent = the first. */
  readonly generation?: number | undefined;
  /**
   * When it was recorded, by our clock, and the day of that (UTC); joins of an older version, and rebuilt ones, have
   * neither.
   */
  readonly recordedAt?: string | undefined;
  readonly recordedOn?: string | undefined;
  /** See model/retention.ts. */
  readonly expiresAt?: string | undefined;
}

/** The day that joins of this moment are recorded under. */
export function recordedOn(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Id: the requestId. */
export const joins: Collection<Join> = {
  name: 'joins',
  writtenBy: 'join-tracker',
  indexes: [
    { where: ['telegramUserId'], orderBy: 'joinedAt' },
    { where: ['recordedOn'], orderBy: 'recordedAt' },
  ],
  ttlField: 'expiresAt',
};

/** A join that no link of ours explains, kept for a later match. */
export interface UnmatchedJoin {
  readonly telegramUserId: string;
  readonly chatId: string;
  readonly joinedAt: string;
  readonly reason: 'no_link' | 'unknown_link';
  /** As Telegram showed it; cut to "…" forms for links that this bot did not make. */
  readonly inviteLink?: string | undefined;
  readonly linkName?: string | undefined;
  /** See model/retention.ts. */
  readonly expiresAt?: string | undefined;
}

/** Id: a hash of chat, user, time and link, so that a repeated update is stored once. */
export const unmatchedJoins: Collection<UnmatchedJoin> = {
  name: 'unmatched_joins',
  writtenBy: 'join-tracker',
  indexes: [
    { where: ['telegramUserId'], orderBy: 'joinedAt' },
    // A rebuild asks whether somebody came through a link while the store did not know it.
    { where: ['inviteLink'], orderBy: 'joinedAt' },
  ],
  ttlField: 'expiresAt',
};
