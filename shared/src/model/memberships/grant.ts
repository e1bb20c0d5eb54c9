import type { Collection } from '../../platform/ports/topology-types.ts';

/**
 * What one purchase, import or extension gives one person in one community. Refunds and disputes are notes on it. A
 * membership is the fold of its grants (covered-time.ts), whatever their order. Times are ISO 8601 with milliseconds.
 */
export interface Grant extends PurchaseNotes {
  /** The requestId of the purchase; of the other kinds an id of their own. */
  readonly grantId: string;
  readonly kind: 'purchase' | 'import' | 'extension';
  readonly membershipId: string;
  readonly communityId: string;
  readonly userId: string;
  /** Empty when the purchase came without one. */
  readonly transactionId: string;
  readonly planId?: string | undefined;
  readonly planName?: string | undefined;
  /** An ISO 8601 duration or LIFETIME. With neither this nor `endsAt`: without an end. */
  readonly period?: string | undefined;
  /** Given by the caller: the time that is paid for ends then, whatever the period. */
  readonly endsAt?: string | undefined;
  /** The same purchase in other communities: what is told of this grant is told of those. */
  readonly otherRequestIds?: readonly string[] | undefined;
  /** From when on it counts. */
  readonly from: string;
  readonly createdAt: string;
}

export interface Refund {
  /** Of the provider or the caller: the same refund again is no other one. */
  readonly refundId: string;
  readonly at: string;
  /** Decimal text; absent: all of it, and the grant gives nothing any more. */
  readonly amount?: string | undefined;
  readonly reason?: string | undefined;
}

export interface Dispute {
  /** lost: the grant gives nothing any more. */
  readonly state: 'open' | 'won' | 'lost';
  readonly at: string;
  /** Whether the grant gives nothing while it is open, by the setting of the time when it was opened. */
  readonly suspends: boolean;
}

/** What is told of a purchase afterwards. */
export interface PurchaseNotes {
  readonly refunds?: readonly Refund[] | undefined;
  readonly dispute?: Dispute | undefined;
}

/** What was told of a purchase that has not come yet. It stands where its grant will, until that comes. */
export interface EarlyNotes extends PurchaseNotes {
  readonly grantId: string;
  readonly kind: 'early';
  readonly createdAt: string;
  /** See model/retention.ts. */
  readonly expiresAt: string;
}

export type StoredGrant = Grant | EarlyNotes;

export function isGrant(stored: StoredGrant | undefined): stored is Grant {
  return stored !== undefined && stored.kind !== 'early';
}

/** Id: the grantId. */
export const grants: Collection<StoredGrant> = {
  name: 'grants',
  owner: 'join-tracker',
  operatorWrites: 'operators extend memberships, import people and give time; erasure',
  keyedBy: 'grantId',
  personalFields: { userId: 'userId', transactionId: 'transactionId', refunds: 'words of others' },
  onErasure: 'delete',
  indexes: [
    { where: ['membershipId'], orderBy: 'from' },
    { where: ['userId'], orderBy: 'createdAt' },
  ],
  ttlField: 'expiresAt',
};
