import { performance } from 'node:perf_hooks';
import type { Progress } from './question.ts';

/** No progress for so long means that a run has failed; the peers' own waits for a dead worker are shorter. */
const STALL_MS = 120_000;
const LOOK_EVERY_MS = 1_000;
/** The time of every hundredth is kept. */
export const MARK_EVERY = 100;

/** Counts what happened, remembers when, and lets one wait for a number. */
export class Counter {
  readonly #what: string;
  #count = 0;
  #firstAt = 0;
  #lastAt = 0;
  #marks: number[] = [];
  #awaited: { readonly count: number; readonly reached: () => void } | undefined;

  constructor(what: string) {
    this.#what = what;
  }

  add(): void {
    this.#lastAt = performance.now();
    if (this.#count === 0) this.#firstAt = this.#lastAt;
    this.#count += 1;
    if (this.#count % MARK_EVERY === 0) this.#marks.push(performance.timeOrigin + this.#lastAt);
    if (this.#awaited !== undefined && this.#count >= this.#awaited.count) this.#awaited.reached();
  }

  reset(): void {
    this.#count = 0;
    this.#marks = [];
  }

  get progress(): Progress {
    return {
      firstAt: performance.timeOrigin + this.#firstAt,
      lastAt: performance.timeOrigin + this.#lastAt,
      count: this.#count,
      marks: this.#marks,
    };
  }

  /** @throws when nothing more happens before the number is reached. */
  async reach(count: number): Promise<Progress> {
    if (this.#count < count) await this.#wait(count);
    this.#awaited = undefined;
    return this.progress;
  }

  #wait(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let seen = this.#count;
      let seenAt = performance.now();
      const watch = setInterval(() => {
        if (this.#count > seen) [seen, seenAt] = [this.#count, performance.now()];
        if (performance.now() - seenAt < STALL_MS) return;
        clearInterval(watch);
        reject(new Error(`only ${this.#count} of ${count} were ${this.#what}, and no more came`));
      }, LOOK_EVERY_MS);
      this.#awaited = {
        count,
        reached: () => {
          clearInterval(watch);
          resolve();
        },
      };
    });
  }
}
