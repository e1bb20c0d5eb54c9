import { hash } from 'node:crypto';
import type { Collection } from '../../platform/ports/topology-types.ts';

/** The first join through a request's link: the one that is reported. */
export interface Join {
  readonly requestId: string;
  /** Absent in joins of an older version. */
  readonly communityId?: string | undefined;
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

/** Who joined, when, and through the link of which purchase. */
export interface JoinThroughLink {
  readonly requestId: string;
  readonly communityId: string;
  readonly telegramUserId: string;
  readonly joinedAt: string;
  readonly inviteLinkHash: string;
  /** See `joinGeneration` of the request. */
  readonly generation: number;
}

/** The join of a purchase. Without `recordedAtMs` nobody looks whether it was told: it is rebuilt from its event. */
export function join(
  seen: JoinThroughLink,
  { recordedAtMs, expiresAt }: { readonly recordedAtMs?: number | undefined; readonly expiresAt: string },
): Join {
  const { requestId, communityId, telegramUserId, joinedAt, inviteLinkHash, generation } = seen;
  return {
    requestId,
    communityId,
    telegramUserId,
    joinedAt,
    inviteLinkHash,
    generation: generation === 1 ? undefined : generation,
    recordedAt: recordedAtMs === undefined ? undefined : new Date(recordedAtMs).toISOString(),
    recordedOn: recordedAtMs === undefined ? undefined : recordedOn(recordedAtMs),
    expiresAt,
  };
}

/** The join without the person. The purchase is another person's, and keeps its join. */
export function joinWithoutPerson(known: Join): Join {
  return { ...known, telegramUserId: '' };
}

/** Id: the requestId. */
export const joins: Collection<Join> = {
  name: 'joins',
  owner: 'join-tracker',
  operatorWrites: 'a rebuild brings joins back; an erasure removes them, or the person in them',
  keyedBy: 'requestId',
  personalFields: { telegramUserId: 'telegramUserId' },
  onErasure: 'delete',
  indexes: [
    { where: ['telegramUserId'], orderBy: 'joinedAt' },
    { where: ['recordedOn'], orderBy: 'recordedAt' },
  ],
  ttlField: 'expiresAt',
};

/** A join that no link of ours explains, as it was seen. */
export interface UnexplainedJoin {
  /** Of the chat; absent in joins of an older version. */
  readonly communityId?: string | undefined;
  readonly telegramUserId: string;
  readonly chatId: string;
  readonly joinedAt: string;
  /** named_link: an operator made the link by hand. */
  readonly reason: 'no_link' | 'unknown_link' | 'named_link';
  /** As Telegram showed it; cut to "…" forms for links that this bot did not make. */
  readonly inviteLink?: string | undefined;
  readonly linkName?: string | undefined;
}

/** The same, kept for a later match. */
export interface UnmatchedJoin extends UnexplainedJoin {
  /** See model/retention.ts. */
  readonly expiresAt?: string | undefined;
}

/** A text of the outside in a document: a link and a name are far shorter, and a document has an end. */
const LONGEST_TEXT = 512;

export function unmatchedJoin(seen: UnexplainedJoin, expiresAt: string): UnmatchedJoin {
  return {
    ...seen,
    inviteLink: seen.inviteLink?.slice(0, LONGEST_TEXT),
    linkName: seen.linkName?.slice(0, LONGEST_TEXT),
    expiresAt,
  };
}

/** The same for an update that is delivered again, so that a join is stored once. */
export function unmatchedJoinId({ chatId, telegramUserId, joinedAt, inviteLink = '' }: UnmatchedJoin): string {
  return hash('sha256', JSON.stringify([chatId, telegramUserId, joinedAt, inviteLink]));
}

/** Id: `unmatchedJoinId(join)`. */
export const unmatchedJoins: Collection<UnmatchedJoin> = {
  name: 'unmatched_joins',
  owner: 'join-tracker',
  operatorWrites: 'a rebuild removes joins that it has matched, an erasure removes those of the person',
  keyedBy: 'join',
  personalFields: { telegramUserId: 'telegramUserId', inviteLink: 'inviteLink', linkName: 'words of others' },
  onErasure: 'delete',
  indexes: [
    { where: ['telegramUserId'], orderBy: 'joinedAt' },
    // A rebuild asks whether somebody came through a link while the store did not know it.
    { where: ['inviteLink'], orderBy: 'joinedAt' },
  ],
  ttlField: 'expiresAt',
};
