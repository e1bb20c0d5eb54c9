import { setMaxListeners } from 'node:events';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

/** The machine's clock, ahead by what a test says. What it moves ahead has passed for those who sleep, too. */
export class DrivenClock implements Clock {
  #aheadMs: number;
  #wrongByMs = 0;
  #moved = new AbortController();

  constructor(aheadMs = 0) {
    this.#aheadMs = aheadMs;
  }

  get aheadMs(): number {
    return this.#aheadMs;
  }

  now(): number {
    return Math.floor(systemClock.now() + this.#aheadMs + this.#wrongByMs);
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.#aheadMs;
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    const untilMs = this.monotonicMs() + durationMs;
    do {
      const moved = this.#moved.signal;
      const ends = signal === undefined ? moved : AbortSignal.any([moved, signal]);
      await systemClock.sleep(Math.max(0, untilMs - this.monotonicMs()), ends);
    } while (this.monotonicMs() < untilMs && signal?.aborted !== true);
  }

  /** Time passes until it is so much ahead. */
  advanceTo(aheadMs: number): void {
    if (aheadMs <= this.#aheadMs) return;
    this.#aheadMs = aheadMs;
    this.#wake();
  }

  /** Somebody sets the machine's clock: no time passes. 0 sets it right. */
  setWrongBy(ms: number): void {
    this.#wrongByMs = ms;
  }

  #wake(): void {
    const moved = this.#moved;
    this.#moved = new AbortController();
    setMaxListeners(0, this.#moved.signal);
    moved.abort();
  }
}
