// What Google charges for, for each purchase that becomes a link and each join.
// infra/tests/e2e/billed-operations.test.ts counts it on the running system.

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
