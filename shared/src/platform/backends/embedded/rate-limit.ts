import type { Clock } from '../../ports/clock.ts';

/** A full bucket holds a fifth of a second's worth: late timers are made up for, and no visible burst results. */
const BURST_SECONDS = 0.2;
/** At low rates the bucket holds one token and this much more, or each late timer would lower the rate for good. */
const LATENESS_SECONDS = 0.02;

/** A token bucket. In any `t` seconds at most `ratePerSecond × t`, plus one bucket, is let through. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #tokensPerMs: number;
  readonly #capacity: number;
  #tokens = 1;
  #countedAtMs: number;

  constructor(ratePerSecond: number, clock: Clock) {
    this.#clock = clock;
    this.#tokensPerMs = ratePerSecond / 1_000;
    this.#capacity = Math.max(1 + ratePerSecond * LATENESS_SECONDS, ratePerSecond * BURST_SECONDS);
    this.#countedAtMs = clock.monotonicMs();
  }

  /** Milliseconds until a token is there; 0 when `take` may be called. */
  waitMs(): number {
    const nowMs = this.#clock.monotonicMs();
    const elapsedMs = nowMs - this.#countedAtMs;
    this.#countedAtMs = nowMs;
    this.#tokens = Math.min(this.#capacity, this.#tokens + elapsedMs * this.#tokensPerMs);
    // Tokens are sums of fractions; without a tolerance a whole one may read as 0.9999999.
    const missing = 1 - this.#tokens;
    return missing <= 1e-6 ? 0 : Math.ceil(missing / this.#tokensPerMs);
  }

  /** To be called when `waitMs` has returned 0. */
  take(): void {
    this.#tokens -= 1;
  }
}
