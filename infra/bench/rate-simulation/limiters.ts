/** A limit that the sender cannot see. Times in milliseconds from 0 on, never going back. */
export interface Limit {
  /** The earliest moment, from `now` on, at which a call is accepted. */
  freeAt(now: number): number;
  /** A call is accepted now. */
  take(now: number): void;
}

/** So many at once, and then as many as are refilled, at a rate that may jump. */
export class TokenBucket implements Limit {
  readonly #burst: number;
  readonly #rates: readonly { readonly fromMs: number; readonly perSecond: number }[];
  #tokens: number;
  #filledAt = 0;

  constructor(burst: number, rates: readonly { readonly fromMs: number; readonly perSecond: number }[]) {
    this.#burst = burst;
    this.#rates = rates;
    this.#tokens = burst;
  }

  freeAt(now: number): number {
    let { tokens, at } = { tokens: this.#tokens, at: this.#filledAt };
    for (const [index, { perSecond }] of this.#rates.entries()) {
      const until = this.#rates[index + 1]?.fromMs ?? Infinity;
      if (until <= at) continue;
      const full = at + ((1 - tokens) / perSecond) * 1_000;
      // A sum of fractions may miss a whole token by a hair.
      if (full <= until + 1e-6) return Math.max(now, full);
      tokens += ((until - at) / 1_000) * perSecond;
      at = until;
    }
    return Infinity;
  }

  take(now: number): void {
    for (const [index, { perSecond }] of this.#rates.entries()) {
      const until = Math.min(now, this.#rates[index + 1]?.fromMs ?? Infinity);
      if (until <= this.#filledAt) continue;
      this.#tokens = Math.min(this.#burst, this.#tokens + ((until - this.#filledAt) / 1_000) * perSecond);
      this.#filledAt = until;
    }
    this.#tokens -= 1;
  }
}

/** At most `calls` in any `windowMs`. */
export class SlidingWindow implements Limit {
  readonly #takenAt: Float64Array;
  readonly #windowMs: number;
  #next = 0;

  constructor(calls: number, windowMs: number) {
    this.#takenAt = new Float64Array(calls).fill(-Infinity);
    this.#windowMs = windowMs;
  }

  freeAt(now: number): number {
    return Math.max(now, (this.#takenAt[this.#next] ?? 0) + this.#windowMs);
  }

  take(now: number): void {
    this.#takenAt[this.#next] = now;
    this.#next = (this.#next + 1) % this.#takenAt.length;
  }
}

/** So many from midnight to midnight, and within the day as many as `pace` allows. */
export class DailyQuota implements Limit {
  static readonly #DAY_MS = 24 * 3_600_000;
  readonly #quota: { readonly calls: number; readonly startsAtMs: number };
  readonly #pace: Limit;
  #day = -1;
  #used = 0;

  constructor(
    quota: { readonly calls: number; /** Time of day at time 0. */ readonly startsAtMs: number },
    pace: Limit,
  ) {
    this.#quota = quota;
    this.#pace = pace;
  }

  freeAt(now: number): number {
    const day = this.#dayOf(now);
    const isSpent = day === this.#day && this.#used >= this.#quota.calls;
    return this.#pace.freeAt(isSpent ? (day + 1) * DailyQuota.#DAY_MS - this.#quota.startsAtMs : now);
  }

  take(now: number): void {
    const day = this.#dayOf(now);
    this.#used = day === this.#day ? this.#used + 1 : 1;
    this.#day = day;
    this.#pace.take(now);
  }

  #dayOf(now: number): number {
    return Math.floor((now + this.#quota.startsAtMs) / DailyQuota.#DAY_MS);
  }
}
