import type { Clock } from '../platform/ports/clock.ts';

/**
 * A value that is read when it is asked for, and again when it was read more than `freshMs` ago. While it cannot be
 * read, it is what was read last.
 */
export class RecentValue<T> {
  readonly #read: () => Promise<T>;
  readonly #freshMs: number;
  readonly #clock: Clock;
  #last: { readonly atMs: number; readonly value: Promise<T> } | undefined;

  constructor(read: () => Promise<T>, freshMs: number, clock: Clock) {
    this.#read = read;
    this.#freshMs = freshMs;
    this.#clock = clock;
  }

  /** @throws what reading throws, when it was never read before. */
  get(freshMs = this.#freshMs): Promise<T> {
    const atMs = this.#clock.monotonicMs();
    const last = this.#last;
    if (last !== undefined && atMs - last.atMs < freshMs) return last.value;
    const value = this.#read().catch((error: unknown) => {
      if (last !== undefined) return last.value;
      this.#last = undefined;
      throw error;
    });
    this.#last = { atMs, value };
    return value;
  }
}
