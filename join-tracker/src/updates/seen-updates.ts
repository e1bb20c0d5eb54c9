import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { PollHealth } from './telegram/poll-health.ts';

/** When this process last heard of Telegram. In memory: to store it would cost a write for each join. */
export class SeenUpdates {
  readonly #clock: Clock;
  /** The state of the poll; without polling nothing is noted there. */
  readonly poll: PollHealth;
  #lastUpdateAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.poll = new PollHealth(clock);
  }

  get lastUpdateAt(): string | undefined {
    return this.#lastUpdateAt === undefined ? undefined : new Date(this.#lastUpdateAt).toISOString();
  }

  note(): void {
    this.#lastUpdateAt = this.#clock.now();
  }
}
