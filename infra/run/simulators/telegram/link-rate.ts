import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

export interface LinkRateOptions {
  readonly callsPerSecond: number | 'unlimited';
  /** Calls that may come at once. */
  readonly burst: number;
  readonly clock: Clock;
}

// Two processes read the same millisecond up to one apart; a call that kept to its retry_after is not called early.
const CLOCK_TICK_MS = 1;

/** The limit on link calls: a token bucket, and a pause for the time of the 429 after it ran dry. */
export class LinkRate {
  readonly #options: LinkRateOptions;
  #tokens: number;
  #refilledAtMs: number;
  #pausedUntilMs = 0;

  constructor(options: LinkRateOptions) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#refilledAtMs = options.clock.now();
  }

  get isPaused(): boolean {
    return this.#options.clock.now() < this.#pausedUntilMs - CLOCK_TICK_MS;
  }

  /** Takes one call from the bucket. Over the limit it begins a pause, and returns its retry_after in seconds. */
  take(): number | undefined {
    const { callsPerSecond, burst, clock } = this.#options;
    const nowMs = clock.now();
    // A call during the pause keeps it: the new answer names whole seconds again, so it can only grow.
    if (this.isPaused) return this.#pause(this.#pausedUntilMs - nowMs);
    if (callsPerSecond === 'unlimited') return undefined;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#refilledAtMs) / 1000) * callsPerSecond);
    this.#refilledAtMs = nowMs;
    if (this.#tokens < 1) return this.#pause(((1 - this.#tokens) / callsPerSecond) * 1000);
    this.#tokens -= 1;
    return undefined;
  }

  /** A pause that a script ordered: its own 429. */
  impose(retryAfterSec: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#options.clock.now() + retryAfterSec * 1000);
  }

  #pause(waitMs: number): number {
    const retryAfterSec = Math.max(1, Math.ceil(waitMs / 1000));
    this.impose(retryAfterSec);
    return retryAfterSec;
  }
}
