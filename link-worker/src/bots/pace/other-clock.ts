/** Clocks that a time server keeps differ by less. */
const TOLERANCE_MS = 1_000;
/** Instances come and go; of so many the newest are remembered. */
const MOST_WRITERS = 50;

/** One document as it was read. Times of this process are `…AtMs`. */
export interface Sight {
  readonly writer: string;
  /** By the writer's clock. */
  readonly writtenMs: number;
  readonly readAtMs: number;
  /** When another document was there still, so that this one was written later; -Infinity: not known. */
  readonly writtenAfterMs: number;
}

/**
 * How far the clocks of others are ahead of this process's time. Nobody asks them: a document is written before it is
 * read, and after the one that was there before it. As long as that fits, the clocks are taken for equal. Where it does
 * not, each document counts as written as late as it can have been: then nothing that is granted to others overlaps,
 * and nothing waits for longer than the writer meant.
 */
export class OtherClocks {
  readonly #bounds = new Map<string, { readonly leastMs: number; readonly mostMs: number }>();

  /** `assumedMs` is right when the writer's clock agrees with that of this machine. */
  aheadMs({ writer, writtenMs, readAtMs, writtenAfterMs }: Sight, assumedMs: number): number {
    const seen = { leastMs: writtenMs - readAtMs, mostMs: writtenMs - writtenAfterMs };
    const known = this.#bounds.get(writer) ?? seen;
    const both = { leastMs: Math.max(known.leastMs, seen.leastMs), mostMs: Math.min(known.mostMs, seen.mostMs) };
    // A clock that was set meanwhile: what was known of it is of no use.
    const bounds = both.leastMs > both.mostMs + TOLERANCE_MS ? seen : both;
    this.#bounds.delete(writer);
    this.#bounds.set(writer, bounds);
    const [oldest] = this.#bounds.keys();
    if (this.#bounds.size > MOST_WRITERS && oldest !== undefined) this.#bounds.delete(oldest);
    const isPossible = assumedMs >= bounds.leastMs - TOLERANCE_MS && assumedMs <= bounds.mostMs + TOLERANCE_MS;
    return isPossible ? assumedMs : bounds.leastMs;
  }
}
