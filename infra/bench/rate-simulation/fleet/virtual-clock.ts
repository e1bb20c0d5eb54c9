import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { Heap } from './heap.ts';

/** A clock that jumps from one thing to do to the next. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Heap<() => void>();

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || durationMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.at(this.#nowMs + durationMs, resolve);
      signal?.addEventListener('abort', () => {
        resolve();
      });
    });
  }

  at(atMs: number, work: () => void): void {
    this.#timers.push(Math.max(this.#nowMs, atMs), work);
  }

  async runUntil(endMs: number): Promise<void> {
    while (this.#timers.nextAt < endMs) {
      this.#nowMs = this.#timers.nextAt;
      this.#timers.pop()?.();
      // Until all that follows from it in this moment has happened.
      await new Promise(setImmediate);
    }
    this.#nowMs = endMs;
  }
}
