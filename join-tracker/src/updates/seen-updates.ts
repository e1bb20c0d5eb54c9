import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { PollHealth } from './telegram/poll-health.ts';

/** When this process last heard of Telegram. In memory: to store it would cost a write for each join. */
export class SeenUpdates {
  readonly #clock: Clock;
  /** The state of each poll; without polling there is none. */
  readonly #polls = new Map<string | undefined, PollHealth>();
  #lastUpdateAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get lastUpdateAt(): string | undefined {
    return this.#lastUpdateAt === undefined ? undefined : new Date(this.#lastUpdateAt).toISOString();
  }

  /** The poll of a bot; undefined for the default one. */
  poll(botId?: string): PollHealth {
    const known = this.#polls.get(botId) ?? new PollHealth(this.#clock, botId);
    this.#polls.set(botId, known);
    return known;
  }

  pollFindings(): readonly Finding[] {
    return [...this.#polls.values()].map((poll) => poll.finding());
  }

  note(): void {
    this.#lastUpdateAt = this.#clock.now();
  }
}
