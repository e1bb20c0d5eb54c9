/**
 * Where every part of the system gets the time from, so that a test can own it. What lasts (a deadline, a pace, a
 * pause, a wait) is measured by `monotonicMs`: a machine's clock can be set back or ahead, or stand still, at any
 * moment.
 */
export interface Clock {
  /**
   * Milliseconds since the Unix epoch, as this machine's clock has it: for what is told to others, and for what is
   * stored.
   */
  now(): number;
  /** Milliseconds since some moment of this process's life. Never goes back; tells nothing outside of this process. */
  monotonicMs(): number;
  /** Resolves after `durationMs`, or at once when `signal` aborts; never rejects. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}
