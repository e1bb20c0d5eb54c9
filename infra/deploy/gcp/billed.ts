// What Google charges for, for each purchase that becomes a link and each join, and for what becomes of memberships.
// infra/tests/e2e/billed-operations.test.ts and billed-memberships.test.ts count it on the running system.

export interface Billed {
  readonly writes: number;
  readonly reads: number;
  readonly taskOperations: number;
  /** Documents that stay until they expire, and are deleted then. */
  readonly documents: number;
  /** Bytes of these with their index entries, by Firestore's rules, rounded up to a hundred. */
  readonly storedBytes: number;
  /** Messages that are published. */
  readonly messages: number;
  /** Requests that a Cloud Run service answers: from outside, pushes and tasks. */
  readonly requests: number;
}

export const BILLED_PER_INVITE: Billed = {
  writes: 4,
  reads: 2,
  taskOperations: 2,
  documents: 3,
  storedBytes: 3_300,
  messages: 2,
  requests: 4,
};
export const BILLED_PER_JOIN: Billed = {
  writes: 2,
  reads: 2,
  taskOperations: 0,
  documents: 2,
  storedBytes: 1_700,
  messages: 1,
  requests: 2,
};

/** Of a membership. Its own document and its grants stay until the membership is erased. */
export type BilledOfMembership = Omit<Billed, 'storedBytes'>;

/** The first purchase of a plan, and the join by its link, which is revoked then. */
export const BILLED_PER_MEMBER: BilledOfMembership = {
  writes: 13,
  reads: 18,
  taskOperations: 4,
  documents: 6,
  messages: 4,
  requests: 10,
};
/** Somebody who is inside pays again. */
export const BILLED_PER_RENEWAL: BilledOfMembership = {
  writes: 5,
  reads: 9,
  taskOperations: 0,
  documents: 2,
  messages: 2,
  requests: 5,
};
/** One reminder. A read is the one by which the tick finds it. */
export const BILLED_PER_REMINDER: BilledOfMembership = {
  writes: 3,
  reads: 5,
  taskOperations: 0,
  documents: 1,
  messages: 1,
  requests: 2,
};
/**
 * From the end of the time until the removal is confirmed, with grace, and alone in its ticks. A read is that of the
 * community just before the call.
 */
export const BILLED_PER_END: BilledOfMembership = {
  writes: 10,
  reads: 25,
  taskOperations: 4,
  documents: 3,
  messages: 3,
  requests: 9,
};
/** A join by a link that asks for approval: the request, the answer and the join. */
export const BILLED_PER_APPROVED_JOIN: BilledOfMembership = {
  writes: 5,
  reads: 12,
  taskOperations: 2,
  documents: 3,
  messages: 2,
  requests: 6,
};
/** A tick that finds nothing due. */
export const BILLED_PER_TICK: BilledOfMembership = {
  writes: 0,
  reads: 17,
  taskOperations: 0,
  documents: 0,
  messages: 1,
  requests: 1,
};
