/** Slices are so long while no other instance takes any, and so long while one does. */
const LONE_SLICE_MS = 5_000;
const SHARED_SLICE_MS = 1_000;

/** A part of the line of time that the instances share: one of them makes its calls within. */
export class Slice {
  readonly #isShared: boolean;
  readonly #calls: number;
  #untilMs: number;
  #used = 0;

  /** `isShared`: another instance takes slices, too. `calls`: it is as long as so many need. */
  constructor({
    untilMs,
    isShared,
    calls,
  }: {
    readonly untilMs: number;
    readonly isShared: boolean;
    readonly calls: number;
  }) {
    this.#untilMs = untilMs;
    this.#isShared = isShared;
    this.#calls = calls;
  }

  /** A pace that rises within a slice must not bring one more call to its end, where that of another instance begins. */
  has(at: number): boolean {
    return at < this.#untilMs && (!this.#isShared || this.#used < this.#calls);
  }

  use(): void {
    this.#used += 1;
  }

  /** No other call is made in it. */
  end(): void {
    this.#untilMs = -Infinity;
  }

  /**
   * For how many calls the next one is: twice as many as this one when they were all used. So few calls mean short
   * slices, and many mean few writes.
   */
  nextCalls(isShared: boolean, spacingMs: number): number {
    const most = Math.max(1, Math.floor((isShared ? SHARED_SLICE_MS : LONE_SLICE_MS) / spacingMs));
    const wanted = this.#used >= this.#calls ? 2 * this.#calls : this.#used + 1;
    return Math.min(most, Math.max(1, wanted));
  }
}
