import type { Clock } from '../ports/clock.ts';

/** A clock that moves only when the test says so. Sleepers go by the monotonic time, as timers do. */
export class ManualClock implements Clock {
  #nowMs: number;
  #monotonicMs: number;
  readonly #sleepers = new Set<{ readonly wakeAtMs: number; readonly wake: () => void }>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
    // As of the same origin, so that a test that sets nothing may take one for the other.
    this.#monotonicMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || durationMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = {
        wakeAtMs: this.#monotonicMs + durationMs,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  /** Moves the time and wakes, in order, every sleeper whose time has come. */
  advance(durationMs: number): void {
    this.#nowMs += durationMs;
    this.#monotonicMs += durationMs;
    const due = [...this.#sleepers].filter((sleeper) => sleeper.wakeAtMs <= this.#monotonicMs);
    for (const sleeper of due.sort((a, b) => a.wakeAtMs - b.wakeAtMs)) sleeper.wake();
  }

  /** Somebody sets the machine's clock: no time passes, and nobody wakes. */
  setBy(jumpMs: number): void {
    this.#nowMs += jumpMs;
  }
}
