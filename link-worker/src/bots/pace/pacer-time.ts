import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

/**
 * The time by which a process paces its calls: monotonic, with an origin that makes it the machine's clock as that was
 * when the process started. When that clock is set later, a distance and a pause stay what they are.
 */
export class PacerTime {
  readonly #clock: Clock;
  readonly #originMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#originMs = clock.now() - clock.monotonicMs();
  }

  now(): number {
    return this.of(this.#clock.monotonicMs());
  }

  /** Of a moment that was taken from the clock's monotonic time. */
  of(monotonicMs: number): number {
    return this.#originMs + monotonicMs;
  }

  /** How far the machine's clock is ahead of this time: by how much it was set since the start. */
  clockAheadMs(): number {
    return this.#clock.now() - this.now();
  }

  /** What the machine's clock will say then. */
  toDate(atMs: number): Date {
    return new Date(Math.ceil(atMs + this.clockAheadMs()));
  }
}
