import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { PollHealth } from './telegram/poll-health.ts';

/** When this process last heard of Telegram. In memory: to store it would cost a write for each join. */
export class SeenUpdates {
  readonly #clock: Clock;
  /** The state of each poll; without polling there is none. */
  readonly #polls = new Map<string | undefined, PollHealth>();
  #lastUpdateAt: number | undefined;
  readonly #lastOfCommunities = new Map<string, string>();

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

  /** By the communityId: when this process last heard of a join, or of the standing of a bot, in its chat. */
  get lastOfCommunities(): ReadonlyMap<string, string> {
    return this.#lastOfCommunities;
  }

  noteCommunity(communityId: string): void {
    this.#lastOfCommunities.set(communityId, new Date(this.#clock.now()).toISOString());
  }
}
