import type { Collection } from '../../platform/ports/topology-types.ts';

/**
 * What one purchase, import or extension gives one person in one community. Refunds and disputes are notes on it. A
 * membership is the fold of its grants (covered-time.ts), whatever their order. Times are ISO 8601 with milliseconds.
 */
export interface Grant {
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
  /** From when on it counts. */
  readonly from: string;
  readonly refunds?: readonly Refund[] | undefined;
  readonly dispute?: Dispute | undefined;
  readonly createdAt: string;
}

export interface Refund {
  readonly at: string;
  /** Decimal text; absent: all of it, and the grant gives nothing any more. */
  readonly amount?: string | undefined;
  readonly reason?: string | undefined;
}

export interface Dispute {
  /** open: suspends the grant where the settings say so; lost: it gives nothing any more. */
  readonly state: 'open' | 'won' | 'lost';
  readonly at: string;
}

/** What was told of a purchase that has not come yet: it is kept until it comes. */
export interface EarlyNotes {
  readonly grantId: string;
  readonly refunds?: readonly Refund[] | undefined;
  readonly dispute?: Dispute | undefined;
  readonly createdAt: string;
  /** See model/retention.ts. */
  readonly expiresAt: string;
}

/** Id: the grantId. */
export const grants: Collection<Grant> = {
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
};

/** Id: the grantId of the purchase. */
export const earlyNotes: Collection<EarlyNotes> = {
  name: 'early_notes',
  owner: 'join-tracker',
  operatorWrites: false,
  keyedBy: 'grantId',
  personalFields: { refunds: 'words of others' },
  onErasure: { keep: 'belongs to a purchase that nobody has made yet, and expires' },
  indexes: [],
  ttlField: 'expiresAt',
};
