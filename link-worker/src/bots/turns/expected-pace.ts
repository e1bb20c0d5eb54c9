import type { CallKind } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { CallPacer } from '../call-pacer.ts';
import type { BotTurns } from './bot-turns.ts';

/** A bot that cannot call for so long counts for nothing in what a community can expect. */
const LONG_PAUSE_MS = 60_000;
/** How many communities share a bot is counted so often. */
const COUNT_EVERY_MS = 250;
/** Of more bots, what they can do is reckoned so often. */
const FEW_BOTS = 10;
const EXPECTED_FRESH_MS = 100;

/** What some bots together can do for one community, before what it has had of late. */
export interface Expected {
  readonly soonestMs: number;
  readonly perSecond: number;
}

interface Known extends Expected {
  readonly kind: CallKind;
  readonly reckonedAtMs: number;
}

export interface ExpectedPaceOptions {
  readonly budgetOf: (
    botId: string,
    kind: CallKind,
  ) => { readonly pacer: Pick<CallPacer, 'perSecond'>; readonly turns: Pick<BotTurns, 'waitMs'> };
  /** The bots of each community whose tasks wait; most communities have the list of others. */
  readonly botsOfWaiting: () => Iterable<readonly string[]>;
  readonly clock: Clock;
}

/** How soon, and how fast, a community can expect turns of its bots, which others want, too. */
export class ExpectedPace {
  readonly #options: ExpectedPaceOptions;
  readonly #known = new WeakMap<readonly string[], Known>();
  #sharing = { countedAtMs: -Infinity, communities: new Map<string, number>() };

  constructor(options: ExpectedPaceOptions) {
    this.#options = options;
  }

  /** Of many bots it is reckoned now and then: for each purchase it would cost more than the rest of the purchase. */
  of(botIds: readonly string[], kind: CallKind): Expected {
    const { budgetOf, clock } = this.#options;
    const reckonedAtMs = clock.monotonicMs();
    const last = this.#known.get(botIds);
    const isFresh = last?.kind === kind && reckonedAtMs - last.reckonedAtMs < EXPECTED_FRESH_MS;
    if (isFresh && botIds.length > FEW_BOTS) return last;
    const budgets = botIds.map((botId) => budgetOf(botId, kind));
    const waits = budgets.map(({ turns }) => turns.waitMs());
    const soonestMs = Math.min(...waits);
    const sharing = this.#sharingOf();
    let perSecond = 0;
    for (const [index, { pacer }] of budgets.entries())
      if ((waits[index] ?? 0) <= Math.max(soonestMs, LONG_PAUSE_MS))
        perSecond += pacer.perSecond / Math.max(1, sharing.get(botIds[index] ?? '') ?? 1);
    const expected = { kind, reckonedAtMs, soonestMs, perSecond };
    this.#known.set(botIds, expected);
    return expected;
  }

  /** How many communities have tasks that wait for each bot. It is counted once for all that have the same list. */
  #sharingOf(): ReadonlyMap<string, number> {
    const { botsOfWaiting, clock } = this.#options;
    if (clock.monotonicMs() - this.#sharing.countedAtMs < COUNT_EVERY_MS) return this.#sharing.communities;
    const waiting = new Map<readonly string[], number>();
    for (const botIds of botsOfWaiting()) waiting.set(botIds, (waiting.get(botIds) ?? 0) + 1);
    const communities = new Map<string, number>();
    for (const [botIds, count] of waiting)
      for (const botId of botIds) communities.set(botId, (communities.get(botId) ?? 0) + count);
    this.#sharing = { countedAtMs: clock.monotonicMs(), communities };
    return communities;
  }
}
