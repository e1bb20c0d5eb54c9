import { ConflictError, PermanentError } from '../../ports/errors.ts';

/** A write that nobody has been told the outcome of. */
export interface WaitingWrite {
  readonly rows: number;
  /** Runs inside the transaction; what it returns is called after COMMIT. */
  readonly apply: () => () => void;
  readonly reject: (error: unknown) => void;
}

/** Committed, but not yet known to be on stable storage. */
export interface CommittedBatch {
  readonly writes: readonly WaitingWrite[];
  readonly settlements: readonly (() => void)[];
}

/**
 * Applies a write inside the transaction; returns what is to be called when that is on stable storage. A refusal waits
 * for it, too.
 */
export function applyOrRefuse(write: WaitingWrite): () => void {
  try {
    return write.apply();
  } catch (error) {
    if (!(error instanceof ConflictError) && !(error instanceof PermanentError)) throw error;
    return () => {
      write.reject(error);
    };
  }
}
