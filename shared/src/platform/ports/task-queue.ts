import type { Queue } from './topology-types.ts';

export interface OutgoingTask {
  /**
   * De-duplication name, `[A-Za-z0-9_.-]{1,400}`. While a task of this name exists, and for about an hour
   * after it is gone, another `enqueue` of the name is a no-op. New work therefore needs a new name.
   */
  readonly name: string;
  /** UTF-8 text (JSON by convention), at most 100 KB. */
  readonly payload: string;
  /** Earliest dispatch; at once when absent. At most 30 days ahead. */
  readonly notBefore?: Date | undefined;
}

export interface ReceivedTask {
  readonly name: string;
  readonly payload: string;
  /** 1-based; one more than the dispatches of this task that are known to have failed. A crash may not count. */
  readonly attemptNumber: number;
  /**
   * How often the process has died while this one, of all that were at work, was the likely cause; absent: never. Only
   * where the backend shares its process with the handlers: elsewhere a delivery that gets no answer counts as an
   * attempt.
   */
  readonly processDeaths?: number;
}

/** Resolving finishes the task. Rejecting means another dispatch after the queue's backoff. */
export type TaskHandler = (task: ReceivedTask) => Promise<void>;

/**
 * Named, delayed, throttled work. Guarantees, on every backend:
 * - A resolved `enqueue` is on stable storage and will be dispatched at least once, not before `notBefore`.
 * - Dispatches stay at or under the queue's rate (per second, measured over a few seconds) and concurrency.
 * - A rejected handler, one that outlasts the dispatch deadline, or a crash means another dispatch after backoff,
 *   without limit.
 *
 * Not guaranteed: order, exactly-once, spacing between two dispatches.
 */
export interface TaskQueue {
  /**
   * `exists` means the name is taken (see OutgoingTask.name) and nothing was added.
   * @throws RetryableError when the queue did not confirm it; it may have been stored all the same.
   * @throws PermanentError when the task breaks a limit (name, size, schedule), naming it.
   */
  enqueue(queue: Queue, task: OutgoingTask): Promise<'created' | 'exists'>;
}
