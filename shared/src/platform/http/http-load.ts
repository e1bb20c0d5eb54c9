import type { Clock } from '../ports/clock.ts';

/** So many requests at work mean a burst; at 2,000 requests a second with answers in 2 ms there are 4. */
const BURST_REQUESTS = 16;

/**
 * Requests that wait for one write together are answered together, and for a moment none is at work: a burst is over
 * after this.
 */
const BURST_MEMORY_MS = 25;

/** How much the HTTP server has to do. */
export class HttpLoad {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #requestsAtWork = 0;
  #latestBurstMs = -Infinity;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** Whose body is there, and who has no answer yet. */
  get requestsAtWork(): number {
    return this.#requestsAtWork;
  }

  /** True while requests come in a burst. */
  get isBusy(): boolean {
    return this.#clock.monotonicMs() - this.#latestBurstMs < BURST_MEMORY_MS;
  }

  begin(): void {
    this.#requestsAtWork += 1;
    if (this.#requestsAtWork >= BURST_REQUESTS) this.#latestBurstMs = this.#clock.monotonicMs();
  }

  end(): void {
    this.#requestsAtWork -= 1;
  }
}
