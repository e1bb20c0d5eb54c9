import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

const MINUTE_MS = 60_000;

/** So many calls in each minute of the clock. */
export class MinuteLimit {
  readonly perMinute: number | 'unlimited';
  readonly #clock: Clock;
  #minute = -1;
  #used = 0;

  constructor(perMinute: number | 'unlimited', clock: Clock) {
    this.perMinute = perMinute;
    this.#clock = clock;
  }

  /** False when the minute's share is used up. */
  take(): boolean {
    if (this.perMinute === 'unlimited') return true;
    const minute = Math.floor(this.#clock.now() / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#used = 0;
    }
    if (this.#used >= this.perMinute) return false;
    this.#used += 1;
    return true;
  }
}
