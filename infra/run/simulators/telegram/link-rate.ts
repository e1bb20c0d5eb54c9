import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

export interface LinkRateOptions {
  readonly callsPerSecond: number | 'unlimited';
  /** Calls that may come at once. */
  readonly burst: number;
  readonly clock: Clock;
}

// Two processes read the same millisecond up to one apart; a call that kept to its retry_after is not called early.
const CLOCK_TICK_MS = 1;

/** The limit on link calls: a token bucket, and after it ran dry a stop for the time that the 429 told. */
export class LinkRate {
  readonly #options: LinkRateOptions;
  #tokens: number;
  #refilledAtMs: number;
  #stoppedUntilMs = 0;

  constructor(options: LinkRateOptions) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#refilledAtMs = options.clock.now();
  }

  get stopped(): boolean {
    return this.#options.clock.now() < this.#stoppedUntilMs - CLOCK_TICK_MS;
  }

  /** Takes one call from the bucket; over the limit, returns the retry_after in seconds and stops for that long. */
  take(): number | undefined {
    const { callsPerSecond, burst, clock } = this.#options;
    const nowMs = clock.now();
    // A call during the stop keeps it: the new answer names whole seconds again, so it can only grow.
    if (this.stopped) return this.#stop(this.#stoppedUntilMs - nowMs);
    if (callsPerSecond === 'unlimited') return undefined;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#refilledAtMs) / 1000) * callsPerSecond);
    this.#refilledAtMs = nowMs;
    if (this.#tokens < 1) return this.#stop(((1 - this.#tokens) / callsPerSecond) * 1000);
    this.#tokens -= 1;
    return undefined;
  }

  /** A stop that somebody else imposed: a scripted 429. */
  impose(retryAfterSec: number): void {
    this.#stoppedUntilMs = Math.max(this.#stoppedUntilMs, this.#options.clock.now() + retryAfterSec * 1000);
  }

  #stop(waitMs: number): number {
    const retryAfterSec = Math.max(1, Math.ceil(waitMs / 1000));
    this.impose(retryAfterSec);
    return retryAfterSec;
  }
}
