import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

/** Signs of an overloaded handler within this time are one sign: tasks dispatched together fail together. */
const ONE_SIGN_MS = 1_000;
const SLOWEST = 1 / 32;
/** Of the full rate, per second without a sign: from half to full in 10 s. */
const RECOVERY_PER_SECOND = 0.05;

/**
 * The pace of one queue: a token bucket, slowed down for all of its tasks while their handler answers 429 or 503. That
 * the real service does so is documented ("system throttling" at HttpRequest in target.proto, and the Cloud Tasks
 * guide); by how much and for how long is not, so the numbers here are an example of it: half the rate for each sign,
 * then a slow recovery. Not imitated: the slow start of a new queue, and the slow-down when many other errors occur,
 * whose threshold nobody knows.
 */
export class DispatchRate {
  readonly #clock: Clock;
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #countedAtMs: number;
  #speed = 1;
  #lastSignMs = -Infinity;

  constructor(limits: { readonly maxDispatchesPerSecond: number; readonly maxBurstSize: number }, clock: Clock) {
    this.#clock = clock;
    this.#perMs = limits.maxDispatchesPerSecond / 1_000;
    this.#burst = limits.maxBurstSize;
    this.#tokens = limits.maxBurstSize;
    this.#countedAtMs = clock.now();
  }

  /** Share of the configured rate that is in force now. */
  get speed(): number {
    this.#count();
    return this.#speed;
  }

  /** Milliseconds until the next dispatch; 0: now. */
  waitMs(): number {
    this.#count();
    const missing = 1 - this.#tokens;
    // Tokens are sums of fractions: a whole one may read as 0.9999999.
    return missing <= 1e-6 ? 0 : Math.ceil(missing / (this.#perMs * this.#speed));
  }

  take(): void {
    this.#tokens -= 1;
  }

  /** The handler has answered 429 or 503. */
  slowDown(): void {
    this.#count();
    if (this.#countedAtMs - this.#lastSignMs < ONE_SIGN_MS) return;
    this.#lastSignMs = this.#countedAtMs;
    this.#speed = Math.max(SLOWEST, this.#speed / 2);
    this.#tokens = Math.min(this.#tokens, 1);
  }

  #count(): void {
    const nowMs = this.#clock.now();
    const elapsedMs = Math.max(0, nowMs - this.#countedAtMs);
    this.#countedAtMs = nowMs;
    this.#tokens = Math.min(
      Math.max(1, this.#burst * this.#speed),
      this.#tokens + elapsedMs * this.#perMs * this.#speed,
    );
    this.#speed = Math.min(1, this.#speed + (elapsedMs / 1_000) * RECOVERY_PER_SECOND);
  }
}
