import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

export interface CallRateOptions {
  readonly callsPerSecond: number | 'unlimited';
  /** Calls that may come at once; by default one second's worth, at least 1. */
  readonly burst?: number | undefined;
  readonly clock: Clock;
}

// Two processes read the same millisecond up to one apart; a call that kept to its retry_after is not called early.
const CLOCK_TICK_MS = 1;

/** A hidden limit: a token bucket, and a pause for the time of the 429 after it ran dry. */
export class CallRate {
  readonly #clock: Clock;
  #callsPerSecond: number | 'unlimited';
  #burst: number;
  #tokens: number;
  #refilledAtMs: number;
  #pausedUntilMs = 0;

  constructor({ callsPerSecond, burst, clock }: CallRateOptions) {
    this.#clock = clock;
    this.#callsPerSecond = callsPerSecond;
    this.#burst = burst ?? secondsWorth(callsPerSecond);
    this.#tokens = this.#burst;
    this.#refilledAtMs = clock.now();
  }

  /** Another limit from now on; a pause that is under way goes on. */
  change(callsPerSecond: number | 'unlimited', burst = secondsWorth(callsPerSecond)): void {
    this.#callsPerSecond = callsPerSecond;
    this.#burst = burst;
    this.#tokens = Math.min(this.#tokens, burst);
  }

  get isPaused(): boolean {
    return this.#clock.now() < this.#pausedUntilMs - CLOCK_TICK_MS;
  }

  /** Takes one call from the bucket. Over the limit it begins a pause, and returns its retry_after in seconds. */
  take(): number | undefined {
    const callsPerSecond = this.#callsPerSecond;
    const nowMs = this.#clock.now();
    // A call during the pause keeps it: the new answer names whole seconds again, so it can only grow.
    if (this.isPaused) return this.#pause(this.#pausedUntilMs - nowMs);
    if (callsPerSecond === 'unlimited') return undefined;
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#refilledAtMs) / 1000) * callsPerSecond);
    this.#refilledAtMs = nowMs;
    if (this.#tokens < 1) return this.#pause(((1 - this.#tokens) / callsPerSecond) * 1000);
    this.#tokens -= 1;
    return undefined;
  }

  /** A pause that a script ordered: its own 429. */
  impose(retryAfterSec: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.now() + retryAfterSec * 1000);
  }

  #pause(waitMs: number): number {
    const retryAfterSec = Math.max(1, Math.ceil(waitMs / 1000));
    this.impose(retryAfterSec);
    return retryAfterSec;
  }
}

function secondsWorth(callsPerSecond: number | 'unlimited'): number {
  return callsPerSecond === 'unlimited' ? 1 : Math.max(1, Math.ceil(callsPerSecond));
}
