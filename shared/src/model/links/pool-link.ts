import { hash } from 'node:crypto';
import type { Collection } from '../../platform/ports/topology-types.ts';

/**
 * A link that was made ahead of the purchase that is to have it, by the state that it is in; and any link that is to be
 * revoked because nobody may use it any more. A link that was revoked before anybody had it is deleted. Times are ISO
 * 8601 with milliseconds, UTC.
 */
export type PoolLink = AvailablePoolLink | TakenPoolLink | RetiringPoolLink;

interface AnyPoolLink {
  readonly communityId: string;
  /** Spreads writes and index entries, so that several instances take links without being in each other's way. */
  readonly shard: number;
  /** Its number in the shard. The next link is made only when this one is recorded. 0: it never was in the pool. */
  readonly sequence: number;
  readonly inviteLink: string;
  /** Absent = the default bot. Only the bot that made a link can revoke it. */
  readonly botId?: string | undefined;
  /** Chat in which it was made. */
  readonly telegramChatId?: string | undefined;
  readonly madeAt: string;
  /** Its end at Telegram: far off, since nobody knows yet when it is given. Absent: it has none. */
  readonly telegramExpiresAt?: string | undefined;
  /** See model/retention.ts. */
  readonly expiresAt?: string | undefined;
}

/** Nobody has it. */
export interface AvailablePoolLink extends AnyPoolLink {
  readonly state: 'AVAILABLE';
}

/** A purchase has it. Its document is kept for as long as the request: by its name it leads there. */
export interface TakenPoolLink extends AnyPoolLink {
  readonly state: 'TAKEN';
  readonly requestId: string;
  readonly takenAt: string;
  /** The end of the buyer's time to use it. Absent: it has none, or it has passed and nothing is left to do. */
  readonly revokeAt?: string | undefined;
}

/** Nobody may use it any more: it is to be revoked at Telegram, and then deleted. */
export interface RetiringPoolLink extends AnyPoolLink {
  readonly state: 'RETIRING';
  readonly because: RetiredBecause;
  readonly retiredAt: string;
  /** When the next attempt to revoke it is due. */
  readonly revokeAt: string;
}

/** surplus = the pool is smaller now, or its community is gone; erased = of a purchase whose data was erased. */
export type RetiredBecause = 'aged' | 'surplus' | 'erased';

/** A shard takes 500 writes a second on Firestore, which is the limit of an index on a growing field. */
export const POOL_SHARDS = 4;

export const poolShards: readonly number[] = Array.from({ length: POOL_SHARDS }, (_, shard) => shard);

/**
 * The id of a link, and its name at Telegram: 32 hexadecimal characters, as the name of a purchase's own link has. It
 * follows from its place, so that a task that runs twice records one link.
 */
export function poolLinkId(place: {
  readonly poolId: string;
  readonly shard: number;
  readonly sequence: number;
}): string {
  return shortHash(JSON.stringify([place.poolId, place.shard, place.sequence]));
}

/** The id of a link that never was in the pool, while it is retiring. */
export function retiringLinkId(inviteLink: string): string {
  return shortHash(inviteLink);
}

export function shardOf(id: string): number {
  return Number.parseInt(id.slice(0, 8), 16) % POOL_SHARDS;
}

function shortHash(text: string): string {
  return hash('sha256', text).slice(0, 32);
}

/** Id: see poolLinkId. */
export const poolLinks: Collection<PoolLink> = {
  name: 'link_pool',
  owner: 'link-worker',
  operatorWrites: 'an erasure has the links of the purchase revoked',
  keyedBy: 'poolLink',
  personalFields: {},
  onErasure: { keep: 'an erasure takes the purchase out of it, and it is gone once the link is revoked' },
  indexes: [
    // What is available, the oldest first.
    { where: ['communityId', 'state', 'shard'], orderBy: 'madeAt' },
    // How many there are: without an order that grows, so that no shard is needed.
    { where: ['communityId', 'state'], orderBy: 'inviteLink' },
    // The last link that was made in a shard.
    { where: ['communityId', 'shard'], orderBy: 'sequence' },
    // What is to be revoked.
    { where: ['shard'], orderBy: 'revokeAt', sparse: true },
  ],
  // A purchase may have got it since the backup was made, and nobody gets it a second time.
  notFromBackup: { field: 'state', value: 'AVAILABLE' },
  ttlField: 'expiresAt',
};
