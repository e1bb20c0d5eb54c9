import type { LogSync } from './log-sync.ts';
import type { CommittedBatch } from './waiting-write.ts';

/**
 * Beside the sync of a transaction of at most so many writes, the next one is committed and synced: a buyer at a quiet
 * hour does not wait for another's sync. Beside a larger one it waits, so that transactions grow with the load.
 */
export const SMALL_BATCH = 8;

interface Outcome {
  readonly synced: (batch: CommittedBatch) => void;
  readonly failed: (batches: readonly CommittedBatch[], error: unknown) => void;
}

/** Brings committed transactions to stable storage. A sync covers everything that was committed before it started. */
export class BatchSync {
  readonly #logSync: LogSync;
  readonly #outcome: Outcome;
  readonly #underWay = new Set<CommittedBatch>();

  constructor(logSync: LogSync, outcome: Outcome) {
    this.#logSync = logSync;
    this.#outcome = outcome;
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  /** Whether the next transaction is better committed later. */
  get isBusy(): boolean {
    const [first, second] = this.#underWay;
    if (first === undefined) return false;
    return second !== undefined || first.writes.length > SMALL_BATCH;
  }

  /** `done` is called after the outcome has been told. */
  start(batch: CommittedBatch, done: () => void): void {
    this.#underWay.add(batch);
    this.#logSync.start((error) => {
      // It has failed with another one, or closing has not waited for it.
      if (!this.#underWay.delete(batch)) return;
      if (error === null) this.#outcome.synced(batch);
      else this.#fail([batch, ...this.#underWay], error);
      done();
    });
  }

  /** Syncs the batches under way and `batches` at once, then closes the log. */
  finish(batches: readonly CommittedBatch[]): void {
    const all = [...this.#underWay, ...batches];
    this.#underWay.clear();
    try {
      if (all.length > 0) this.#logSync.now();
      for (const batch of all) this.#outcome.synced(batch);
    } catch (error) {
      this.#fail(all, error);
    } finally {
      this.#logSync.close();
    }
  }

  /** The kernel reports a failure once, to the first sync that asks. So every batch under way has failed, too. */
  #fail(batches: readonly CommittedBatch[], error: unknown): void {
    this.#underWay.clear();
    this.#outcome.failed(batches, error);
  }
}
