import { Throttle } from '@paid-community/link-worker/bots/throttle.ts';
import type { PlaceInLine } from '@paid-community/link-worker/bots/turns/community-lines.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import type { Topology } from '@paid-community/shared/platform/ports/topology-types.ts';
import { withQueueRates } from '@paid-community/shared/queue-rates.ts';
import { memoryStore } from '../../bench/rate-simulation/fleet/memory-store.ts';

interface Sale {
  readonly name: string;
  readonly community: string;
  readonly bot: string;
  readonly soldAt: number;
  readonly deferrals: number;
  readonly line?: PlaceInLine | undefined;
}

export interface MadeCall {
  readonly community: string;
  readonly waitedMs: number;
  readonly deferrals: number;
}

const RATES = {
  TASKS_MAX_DISPATCHES_PER_SECOND: inviteQueue.maxDispatchesPerSecond,
  TASKS_MAX_CONCURRENT_DISPATCHES: 1,
};

export const queueOnly = (bots: number): Topology => ({
  topics: [],
  subscriptions: [],
  queues: withQueueRates([inviteQueue], RATES, bots),
  collections: [],
});

/**
 * The real queue, and the real throttle before calls that take no time: who has a turn when. `botOf`: the bot of each
 * community; each may call so often.
 */
export class QueuedTurns {
  readonly #backend: Backend;
  readonly #botOf: Readonly<Record<string, string>>;
  readonly #throttle: Throttle;
  readonly made: MadeCall[] = [];
  #sold = 0;

  constructor(backend: Backend, botOf: Readonly<Record<string, string>>, callsPerSecond: number) {
    this.#backend = backend;
    this.#botOf = botOf;
    const bounds = {
      adaptive: false,
      startPerSecond: callsPerSecond,
      floorPerSecond: 0.02,
      ceilingPerSecond: callsPerSecond,
    };
    this.#throttle = new Throttle(
      { instanceId: 'only', bounds, atOnce: 1 },
      { store: memoryStore(), clock: systemClock },
    );
    for (const [community, bot] of Object.entries(botOf)) this.#throttle.know(community, [bot]);
  }

  deliver(): void {
    this.#backend.deliverTo({
      subscriptions: [],
      tasks: [{ queue: inviteQueue, handle: ({ payload }) => this.#handle(JSON.parse(payload) as Sale) }],
    });
  }

  async sell(community: string): Promise<void> {
    const place = this.#throttle.place(community);
    const name = `${community}-${(this.#sold += 1)}`;
    const sale = { name, community, bot: this.#botOf[community] ?? '', soldAt: Date.now(), deferrals: 0 };
    await this.#enqueue({ ...sale, line: place?.line }, place?.notBefore);
  }

  /** Telegram orders a pause of the bot. */
  async pause(bot: string, pauseMs: number): Promise<void> {
    await this.#turnsOf({ bot, community: `of ${bot}`, soldAt: 0 }).refused(systemClock.monotonicMs(), pauseMs);
  }

  waitsOf(community: string): readonly number[] {
    return this.made.filter((call) => call.community === community).map(({ waitedMs }) => waitedMs);
  }

  async #handle(sale: Sale): Promise<void> {
    const turns = this.#turnsOf(sale);
    const turn = await turns.turn();
    if (!turn.granted) {
      await this.#enqueue({ ...sale, deferrals: sale.deferrals + 1, line: turn.line }, turn.notBefore.getTime());
      return;
    }
    turns.accepted(systemClock.monotonicMs());
    this.made.push({
      community: sale.community,
      waitedMs: Date.now() - sale.soldAt,
      deferrals: sale.deferrals,
    });
    turns.over();
  }

  #turnsOf({
    bot,
    community,
    soldAt,
    line,
  }: Pick<Sale, 'bot' | 'community' | 'soldAt' | 'line'>): ReturnType<Throttle['turns']> {
    return this.#throttle.turns(bot, 'link', { communityId: community, callClass: 'purchase', since: soldAt, line });
  }

  async #enqueue(sale: Sale, notBefore: number | undefined): Promise<void> {
    await this.#backend.taskQueue.enqueue(inviteQueue, {
      name: `${sale.name}-${sale.deferrals}`,
      payload: JSON.stringify(sale),
      notBefore: notBefore === undefined ? undefined : new Date(notBefore),
    });
  }
}
