import { hash } from 'node:crypto';
import type { Collection } from '../../platform/ports/topology-types.ts';
import type { Effect } from './membership-effect.ts';

/**
 * One person in one community: the fold of the person's grants (`grant.ts`), the Telegram account that is bound to it,
 * and where that account was seen. Only the transitions of this folder make another one of it. Times are
 * ISO 8601 with milliseconds, UTC.
 */
export type Membership = OpenMembership | EndedMembership;

/** Who may be inside: the time is paid for, or the grace after it is not over. */
export interface OpenMembership extends AnyMembership {
  /** pending: the time is paid for, and nobody has come in yet. */
  readonly state: 'pending' | 'active' | 'grace';
}

/** The time is over, or was taken back. Whoever is still inside is to be removed, if the community wants that. */
export interface EndedMembership extends AnyMembership {
  readonly state: 'expired' | 'revoked';
  readonly endedAt: string;
  /** Why: expired, refunded, disputed, revoked, or the words of an operator. */
  readonly endReason: string;
  readonly removal?: Removal | undefined;
  /** `removal.state` and `removal.since` once more: an index knows fields of the document itself only. */
  readonly removalState?: Removal['state'] | undefined;
  readonly removalSince?: string | undefined;
}

/**
 * due: to be asked of Telegram by the next tick; asked: a task for it is queued; dry_run: it would be; impossible:
 * Telegram does not allow it (`problem`), and only a person can mend that; done: seen to be out.
 */
export interface Removal {
  readonly state: 'due' | 'asked' | 'dry_run' | 'impossible' | 'done';
  /** Removals go in this order: when the membership ended. */
  readonly since: string;
  /** When the state was reached. */
  readonly at: string;
  readonly problem?: string | undefined;
}

export interface AnyMembership {
  readonly membershipId: string;
  readonly communityId: string;
  /** The seller's id of the person; empty when somebody was imported by the Telegram account alone. */
  readonly userId: string;
  /** The account that is bound: nobody else is let in. Several memberships may have one account. */
  readonly telegramUserId?: string | undefined;
  readonly presence: 'inside' | 'outside' | 'unknown';
  /** The date of Telegram's update; an older one says nothing any more. */
  readonly presenceAt?: string | undefined;
  /** How the person went out last. kicked: an administrator did it; we do not let the person in again by ourselves. */
  readonly departure?: 'left' | 'kicked' | 'removed' | undefined;
  /** The purchase by whose link the person came in last, and when. */
  readonly enteredBy?: { readonly requestId: string; readonly at: string } | undefined;
  /** Other accounts that came by its links, newest last, at most STRANGERS_LENGTH. */
  readonly strangers?: readonly Stranger[] | undefined;
  /** Whether the person came in by our link or approval, or was imported. Nobody else is ever removed. */
  readonly isAdmitted: boolean;
  /** The purchase by whose link the person comes in; absent when there was none, as of an import. */
  readonly requestId?: string | undefined;
  /** Those before it whose links nobody has used, as far as is known. */
  readonly earlierRequests?: readonly string[] | undefined;
  /** The last link of a purchase of it that expires. */
  readonly expiringLink?: ExpiringLink | undefined;
  /** When it was told that it has started. */
  readonly startedAt?: string | undefined;
  /** Of the grant that reaches furthest, as all that follows until `endsAt`. */
  readonly grantId?: string | undefined;
  readonly transactionId?: string | undefined;
  readonly planId?: string | undefined;
  readonly planName?: string | undefined;
  /** Undefined: nothing is paid for any more. */
  readonly startsAt?: string | undefined;
  /** Undefined with `startsAt`: no end. */
  readonly endsAt?: string | undefined;
  /** The latest of what was taken back, and why. */
  readonly voidedAt?: string | undefined;
  readonly voidReason?: string | undefined;
  /** An operator took away all that had been given until then. */
  readonly revokedAt?: string | undefined;
  /** In the operator's words. */
  readonly revokeReason?: string | undefined;
  /** The person wants no renewal: the time goes on to its end, without grace. */
  readonly cancelledAt?: string | undefined;
  /** Never removed. */
  readonly exempt: boolean;
  readonly test: boolean;
  /** The moment of the last reminder that was told or passed; the end itself, once its grace was told. */
  readonly remindedAt?: string | undefined;
  /** What is to be told and done, in this order; empty once it was. */
  readonly effects: readonly Effect[];
  /**
   * Number of the last event, or of the last link that was asked for. The first follows the second in which the
   * membership was made.
   */
  readonly eventCount: number;
  /** Newest last, at most HISTORY_LENGTH. */
  readonly history: readonly HistoryEntry[];
  /** When something is to happen by itself; absent: nothing is. */
  readonly dueAt?: string | undefined;
  /** Part of an index of ever-growing times: 0 to DUE_SHARDS - 1, by the membershipId. */
  readonly dueShard: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Present when it was erased: it counts as absent. */
  readonly expiresAt?: string | undefined;
}

export interface HistoryEntry {
  readonly at: string;
  readonly what: string;
  /** Who or why, in plain words. */
  readonly detail?: string | undefined;
}

export interface Stranger {
  readonly telegramUserId: string;
  readonly requestId: string;
  /** Telegram's date. */
  readonly at: string;
}

export interface ExpiringLink {
  readonly requestId: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** That it has expired unused. */
  readonly isTold?: true | undefined;
}

export const HISTORY_LENGTH = 50;
export const STRANGERS_LENGTH = 20;
export const DUE_SHARDS = 16;

/** The same person of a seller in the same community is the same membership. */
export function membershipIdOf(
  communityId: string,
  person: { readonly userId: string } | { readonly telegramUserId: string },
): string {
  const parts = 'userId' in person ? ['user', person.userId] : ['telegram', person.telegramUserId];
  return hash('sha256', JSON.stringify([communityId, ...parts])).slice(0, 32);
}

export function dueShardOf(membershipId: string): number {
  return parseInt(membershipId.slice(0, 2), 16) % DUE_SHARDS;
}

export function isEnded(membership: Membership): membership is EndedMembership {
  return membership.state === 'expired' || membership.state === 'revoked';
}

/** Whether the person is to be inside. */
export function belongsInside(membership: Membership): boolean {
  return membership.exempt || !isEnded(membership);
}

/** Id: the membershipId. */
export const memberships: Collection<Membership> = {
  name: 'memberships',
  owner: 'join-tracker',
  operatorWrites: 'operators extend, cancel, revoke, exempt, move and import; erasure',
  keyedBy: 'membershipId',
  personalFields: {
    userId: 'userId',
    telegramUserId: 'telegramUserId',
    strangers: 'telegramUserId',
    transactionId: 'transactionId',
    effects: 'userId',
    revokeReason: 'words of others',
    endReason: 'words of others',
    history: 'words of others',
  },
  onErasure: 'delete',
  indexes: [
    { where: ['dueShard'], orderBy: 'dueAt' },
    { where: ['userId'], orderBy: 'createdAt' },
    { where: ['telegramUserId'], orderBy: 'createdAt' },
    { where: ['communityId'], orderBy: 'membershipId' },
    { where: ['communityId', 'state'], orderBy: 'membershipId' },
    // Who ends when. Of one community, that is as often as it sells.
    { where: ['communityId', 'state'], orderBy: 'endsAt' },
    { where: ['communityId', 'presence'], orderBy: 'membershipId' },
    // Which communities have somebody to be removed, and who that is, in the order of their end.
    { where: ['removalState'], orderBy: 'communityId' },
    { where: ['communityId', 'removalState'], orderBy: 'removalSince' },
  ],
  ttlField: 'expiresAt',
};
