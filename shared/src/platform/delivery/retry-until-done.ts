import type { Clock } from '../ports/clock.ts';
import { exponentialBackoffMs } from './backoff.ts';

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;

export interface RetryOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  /** The shortest wait that a failure allows, such as the pause that it orders; in milliseconds. */
  readonly leastWaitMs: (error: unknown) => number;
  /** Hears of each failure, before the wait that follows it. */
  readonly onFailure: (error: unknown, waitMs: number) => void;
}

/**
 * Makes attempts until one succeeds or `signal` aborts, with a backoff between them: a second, then doubled, at most a
 * minute. It never rejects: a failure is told to `onFailure`, and one that comes with the abort is dropped.
 */
export async function retryUntilDone(
  attempt: () => Promise<void>,
  { clock, leastWaitMs, onFailure }: RetryOptions,
  signal: AbortSignal,
): Promise<void> {
  const isAborted = (): boolean => signal.aborted;
  for (let failures = 1; !isAborted(); failures += 1) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (isAborted()) return;
      const waitMs = Math.max(leastWaitMs(error), exponentialBackoffMs(failures, FIRST_BACKOFF_MS, MAX_BACKOFF_MS));
      onFailure(error, waitMs);
      await clock.sleep(waitMs, signal);
    }
  }
}
