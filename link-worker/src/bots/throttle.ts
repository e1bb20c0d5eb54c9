import type { CallKind } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { WAITING_PER_BOT } from '@paid-community/shared/queue-rates.ts';
import type { Turn, Turns } from '../calls/make-call.ts';
import { CallPacer } from './call-pacer.ts';
import { boundsOfChat, boundsOfKind } from './turns/call-bounds.ts';
import type { RateBounds } from './pace/rate-state.ts';
import { BotTurns } from './turns/bot-turns.ts';
import type { CallClass } from './turns/call-classes.ts';
import { CommunityLines, type PlaceInLine, type QueuedPlace, type Reckoning } from './turns/community-lines.ts';
import { ExpectedPace } from './turns/expected-pace.ts';
import { FairOrder, RecentTurns } from './turns/fair-order.ts';

/** A turn in a chat that is further away is not waited for in the handler. */
const CHAT_WAIT_MS = 1_000;

export interface ThrottleOptions {
  /** Another one for each process. */
  readonly instanceId: string;
  /** For links; `startPerSecond` Infinity: no pace, only pauses. */
  readonly bounds: RateBounds;
  /** So many calls of one kind are under way at once for each bot. */
  readonly atOnce: number;
}

/** Whose call it is, and for what. */
export interface AskedTurn {
  readonly communityId: string;
  readonly callClass: CallClass;
  /** Of one community, what waits since the earliest time is first. Default: now. */
  readonly since?: number | undefined;
  /** As the task has it. */
  readonly line?: PlaceInLine | undefined;
  /** For messages: each chat has a budget of its own besides. */
  readonly chatId?: string | undefined;
}

interface Budget {
  readonly pacer: CallPacer;
  readonly turns: BotTurns;
}

/**
 * Every budget of this process: one for each bot and kind of call, and for messages one for each chat besides. Each has
 * a pace that is learned, and a pause of its own.
 *
 * A process that knows of one community only lets its calls wait, in the order in which they come. With a second one
 * begins the fair order: a few calls of each bot wait, and every task has a place in the line of its community.
 */
export class Throttle {
  readonly #options: ThrottleOptions;
  readonly #deps: { readonly store: DocumentStore; readonly clock: Clock };
  readonly #budgets = new Map<CallKind, Map<string, Budget>>();
  readonly #expected: ExpectedPace;
  readonly #chats = new Map<string, CallPacer>();
  readonly #recent = new Map<CallKind, RecentTurns>();
  readonly #lines = new CommunityLines();
  readonly #botsOf = new Map<string, readonly string[]>();

  constructor(options: ThrottleOptions, deps: { readonly store: DocumentStore; readonly clock: Clock }) {
    this.#options = options;
    this.#deps = deps;
    this.#expected = new ExpectedPace({
      budgetOf: (botId, kind) => this.#budget(botId, kind),
      botsOfWaiting: () => this.#botsOfWaiting(),
      clock: deps.clock,
    });
  }

  /** From now on the community counts: of two or more, none may stand in front of the others. */
  know(communityId: string, botIds: readonly string[]): void {
    this.#botsOf.set(communityId, botIds);
  }

  /** Whether a turn of the bot was asked for. */
  wasAsked(botId: string, kind: CallKind): boolean {
    return this.#budgets.get(kind)?.has(botId) === true;
  }

  /** How long the call of a purchase that is asked for now would wait; Infinity when others come before it. */
  waitMs(botId: string, kind: CallKind, communityId: string): number {
    const call = { communityId, callClass: 'purchase', since: this.#deps.clock.now() } as const;
    return this.#budget(botId, kind).turns.waitMs(this.#isShared(kind) ? call : undefined);
  }

  /** The place in line of a task that is queued for the first time; undefined: it may come at once. */
  place(communityId: string): QueuedPlace | undefined {
    return this.#isShared('link') ? this.#lines.join(communityId, this.#reckon(communityId, 'link')) : undefined;
  }

  /** The turns of one bot for the calls of one community. */
  turns(botId: string, kind: CallKind, asked: AskedTurn): Turns {
    const { communityId, callClass, since = this.#deps.clock.now(), chatId } = asked;
    if (!this.#botsOf.has(communityId)) this.know(communityId, [botId]);
    const { pacer, turns } = this.#budget(botId, kind);
    const chat = chatId === undefined ? undefined : this.#chat(botId, kind, chatId);
    return {
      turn: async () => {
        const ofChat = chat === undefined ? { granted: true as const } : await turnInChat(chat);
        if (!ofChat.granted) return ofChat;
        const turn = await turns.turn({ communityId, callClass, since });
        if (turn?.granted !== true) return this.#sentBack(kind, asked, { pacer, turns }, turn?.notBefore);
        this.#lines.served(communityId);
        return turn;
      },
      accepted: (calledAtMs) => {
        pacer.accepted(calledAtMs);
        chat?.accepted(calledAtMs);
      },
      // Telegram does not say which of the two it means.
      refused: async (calledAtMs, pauseMs) => {
        const [ofBot, ofChat = ofBot] = await Promise.all([
          pacer.refused(calledAtMs, pauseMs),
          chat?.refused(calledAtMs, pauseMs),
        ]);
        return ofBot > ofChat ? ofBot : ofChat;
      },
      over: () => {
        turns.over();
      },
    };
  }

  /** Whether communities compete for the turns. Without a pace there is a turn for each call as soon as a slot is free. */
  #isShared(kind: CallKind): boolean {
    return this.#botsOf.size > 1 && boundsOfKind(kind, this.#options.bounds).startPerSecond !== Infinity;
  }

  /** `earliest`: the pacer knows of a pause, or of another instance whose turn it is. */
  #sentBack(kind: CallKind, { communityId, line }: AskedTurn, { pacer, turns }: Budget, earliest?: Date): Turn {
    if (!this.#isShared(kind)) return { granted: false, notBefore: earliest ?? pacer.returnAfter(turns.waitMs()) };
    const place = this.#lines.rejoin(communityId, line, this.#reckon(communityId, kind));
    const notBefore = new Date(Math.max(place.notBefore, earliest?.getTime() ?? 0));
    return { granted: false, notBefore, line: place.line };
  }

  /** What the community can expect of its bots now. */
  #reckon(communityId: string, kind: CallKind): Reckoning {
    const { clock } = this.#deps;
    const now = clock.now();
    const { soonestMs, perSecond } = this.#expected.of(this.#botsOf.get(communityId) ?? [], kind);
    // What it has had of late is what it can expect, where the bots are not shared evenly.
    const atLeast = this.#recentOf(kind).perSecond(communityId, clock.monotonicMs());
    return {
      now,
      readyAt: now + (Number.isFinite(soonestMs) ? soonestMs : 0),
      perSecond: Math.max(perSecond, atLeast),
    };
  }

  *#botsOfWaiting(): Iterable<readonly string[]> {
    for (const communityId of this.#lines.waitingAt(this.#deps.clock.now())) yield this.#botsOf.get(communityId) ?? [];
  }

  #budget(botId: string, kind: CallKind): Budget {
    const ofKind = this.#budgets.get(kind) ?? new Map<string, Budget>();
    const known = ofKind.get(botId);
    if (known !== undefined) return known;
    this.#budgets.set(kind, ofKind);
    const { instanceId, bounds, atOnce } = this.#options;
    const pacer = new CallPacer({ botId, kind, instanceId, bounds: boundsOfKind(kind, bounds) }, this.#deps);
    const recent = this.#recentOf(kind);
    const places = (): number => (this.#isShared(kind) ? WAITING_PER_BOT : Infinity);
    const { clock } = this.#deps;
    const budget = { pacer, turns: new BotTurns({ pacer, order: new FairOrder(recent), atOnce, places, clock }) };
    ofKind.set(botId, budget);
    return budget;
  }

  #recentOf(kind: CallKind): RecentTurns {
    const known = this.#recent.get(kind) ?? new RecentTurns();
    this.#recent.set(kind, known);
    return known;
  }

  #chat(botId: string, kind: CallKind, chatId: string): CallPacer {
    const key = `${botId}.${kind}.${chatId}`;
    const known = this.#chats.get(key);
    if (known !== undefined) return known;
    const bounds = boundsOfChat(chatId, this.#options.bounds);
    const pacer = new CallPacer({ botId, kind, instanceId: this.#options.instanceId, bounds, chatId }, this.#deps);
    this.#chats.set(key, pacer);
    return pacer;
  }
}

async function turnInChat(chat: CallPacer): Promise<Turn> {
  const waitMs = chat.waitMs();
  return waitMs > CHAT_WAIT_MS ? { granted: false, notBefore: chat.returnAfter(waitMs) } : chat.turn();
}
