import type { Clock } from '../../ports/clock.ts';

/** What differs by less is a time server's gentle correction, or a late timer. */
export const JUMP_MS = 2_000;
/**
 * A store that was not open for a day is nothing strange. What a clock says beyond that is believed when it has said so
 * for a day.
 */
export const DOUBT_MS = 24 * 3_600_000;

/**
 * The times that this store goes by, made of two clocks: the machine's, which can be set to anything at any moment, and
 * the monotonic one, which knows only this process.
 *
 * - `due` decides when a waiting message or task is delivered. It never goes back and never stands still, so nothing
 *   waits longer because the clock was set back. It follows the clock ahead: so the time of a machine that sleeps
 *   passes.
 * - `believedNow` decides what may be deleted and what has expired. It follows the clock back at once, and ahead by up
 *   to a day; a time beyond that is believed after a day. So a wrong clock deletes nothing before somebody had a day to
 *   set it right.
 */
export class StoreClock implements Clock {
  /** The due time as a clock, for the loops that deliver. */
  readonly due: Clock;
  readonly #clock: Clock;
  // Each is a difference to the monotonic clock.
  #dueAheadMs: number;
  #believedAheadMs: number;
  #seenAheadMs: number;
  #doubtedSinceMs: number | undefined;

  /** `believedMs`: until when this store has been used, as far as is known. */
  constructor(clock: Clock, believedMs = clock.now()) {
    this.#clock = clock;
    const monotonicMs = clock.monotonicMs();
    this.#dueAheadMs = clock.now() - monotonicMs;
    this.#seenAheadMs = this.#dueAheadMs;
    this.#believedAheadMs = believedMs - monotonicMs;
    this.due = {
      now: () => this.dueNow(),
      monotonicMs: () => clock.monotonicMs(),
      sleep: (durationMs, signal) => clock.sleep(durationMs, signal),
    };
  }

  /** The machine's clock, as it is. */
  now(): number {
    return this.#clock.now();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(durationMs, signal);
  }

  dueNow(): number {
    const nowMs = this.#clock.now();
    const monotonicMs = this.#clock.monotonicMs();
    if (nowMs <= monotonicMs + this.#dueAheadMs) return Math.floor(monotonicMs + this.#dueAheadMs);
    this.#dueAheadMs = nowMs - monotonicMs;
    return nowMs;
  }

  /** The due time of what a caller wants at `time` of the machine's clock. */
  dueAt(time: Date | undefined): number {
    const dueMs = this.dueNow();
    return time === undefined ? dueMs : dueMs + Math.max(0, Math.ceil(time.getTime() - this.#clock.now()));
  }

  believedNow(): number {
    const nowMs = this.#clock.now();
    const monotonicMs = this.#clock.monotonicMs();
    const believedMs = monotonicMs + this.#believedAheadMs;
    const isDoubtful = nowMs - believedMs > DOUBT_MS;
    this.#doubtedSinceMs = isDoubtful ? (this.#doubtedSinceMs ?? monotonicMs) : undefined;
    if (this.#doubtedSinceMs !== undefined && monotonicMs - this.#doubtedSinceMs < DOUBT_MS)
      return Math.floor(believedMs);
    this.#believedAheadMs = nowMs - monotonicMs;
    this.#doubtedSinceMs = undefined;
    return nowMs;
  }

  /**
   * By how much the machine's clock was set (or the machine slept, or the clock stood still) since this was last told;
   * 0 when it goes as it should.
   */
  jumpMs(): number {
    const aheadMs = this.#clock.now() - this.#clock.monotonicMs();
    const jumpMs = Math.round(aheadMs - this.#seenAheadMs);
    if (Math.abs(jumpMs) < JUMP_MS) return 0;
    this.#seenAheadMs = aheadMs;
    return jumpMs;
  }
}
