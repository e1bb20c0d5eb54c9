import type { Fault } from '../../../run/simulators/http/faults.ts';
import type { TelegramCall } from '../../../run/simulators/telegram/telegram-simulator.ts';
import type { World } from '../../e2e/harness/world.ts';
import type { DrivenWorld } from './driven-world.ts';
import { mayBeInside, outFrom } from './naive-membership.ts';
import type { Buyer, YearOfMembers } from './year-of-members.ts';

// Holds who is inside against who should be, at every moment.

/** Who paid within so much of now may be taken either way: the clocks of two processes are read one after the other. */
const SLACK_MS = 60_000;
/** Somebody who has paid knocks at most so often before the door opens. */
const MOST_TRIES = 8;

export interface Violation {
  readonly at: string;
  readonly what: string;
  readonly buyer: Buyer | undefined;
}

export class InsideAsItShouldBe {
  readonly #world: World;
  readonly #driven: DrivenWorld;
  readonly #year: YearOfMembers;
  readonly #staff: ReadonlySet<number>;
  readonly #inForFreeSince = new Map<number, number>();
  #excusedUntilMs = -Infinity;
  removals = 0;
  longestForFreeMs = 0;
  readonly violations: Violation[] = [];

  /** `staff`: those who were in the chats before, and whom nobody is to remove. */
  constructor(world: World, driven: DrivenWorld, year: YearOfMembers, staff: ReadonlySet<number>) {
    this.#world = world;
    this.#driven = driven;
    this.#year = year;
    this.#staff = staff;
  }

  /** For the fault hook: held against each removal before it takes effect, unless the fault prevents it. */
  watch({ method, parameters }: TelegramCall, fault: Fault | undefined): void {
    if (method !== 'unbanChatMember' || !takesEffect(fault)) return;
    const account = Number(parameters['user_id']);
    const chat = this.#world.telegram.chat(Number(parameters['chat_id']));
    if (!chat.isIn(account)) return;
    const buyer = this.#buyerOf(account);
    if (this.#staff.has(account)) this.#violated(`${account} was never let in by us, and is removed`);
    if (buyer === undefined) return;
    if (!buyer.isPromoted) this.removals += 1;
    const nowMs = this.#driven.nowMs;
    const hadPaid = buyer.bought.some(({ fromMs }) => fromMs < nowMs - SLACK_MS);
    if (hadPaid && mayBeInside(buyer, nowMs + SLACK_MS) && mayBeInside(settledDeeds(buyer, nowMs), nowMs))
      this.#violated(`${buyer.userId} has paid until ${iso(outFrom(buyer))}, and is removed`, buyer);
  }

  /** The system could do nothing: it was down, or its clock was wrong, or an operator had to look first. */
  excuse(): void {
    this.#excusedUntilMs = this.#driven.nowMs;
  }

  /** After a tick, when all is done. */
  look(forFreeAtMostMs: number): void {
    const nowMs = this.#driven.nowMs;
    for (const chat of this.#world.telegram.chats) {
      for (const account of chat.insiders) {
        if (this.#mayBe(account, nowMs)) this.#inForFreeSince.delete(account);
        else this.#hold(account, nowMs, forFreeAtMostMs);
      }
    }
    for (const buyer of this.#year.buyers) {
      const isIn = this.#world.telegram.chat(buyer.chatId).isIn(buyer.telegramUserId);
      if (isIn || !buyer.wantsIn || buyer.isKicked || !mayBeInside(buyer, nowMs)) buyer.triesInVain = 0;
      else if (buyer.triesInVain > MOST_TRIES) this.#violated(`${buyer.userId} has paid, and does not get in`, buyer);
    }
  }

  /** Those who are inside and should not be, and those who should be and are not. */
  wronglyPlaced(): Violation[] {
    return this.#world.telegram.chats.flatMap((chat) => {
      const expected = this.#expected(chat.chatId);
      const insiders = new Set(chat.insiders);
      return [...expected.symmetricDifference(insiders)].map((account) => ({
        at: iso(this.#driven.nowMs),
        what: insiders.has(account) ? `${account} is inside in the end` : `${account} is not inside in the end`,
        buyer: this.#buyerOf(account),
      }));
    });
  }

  #expected(chatId: number): Set<number> {
    const nowMs = this.#driven.nowMs;
    const buyers = this.#year.buyers.filter(
      (buyer) =>
        buyer.chatId === chatId &&
        (buyer.isPromoted || (buyer.wantsIn && !buyer.isKicked && mayBeInside(buyer, nowMs))),
    );
    return new Set([...this.#staff, ...buyers.map(({ telegramUserId }) => telegramUserId)]);
  }

  #mayBe(account: number, nowMs: number): boolean {
    if (this.#staff.has(account)) return true;
    const buyer = this.#buyerOf(account);
    return buyer !== undefined && (buyer.isPromoted || mayBeInside(buyer, nowMs));
  }

  #hold(account: number, nowMs: number, forFreeAtMostMs: number): void {
    const buyer = this.#buyerOf(account);
    const seenMs = this.#inForFreeSince.get(account) ?? nowMs;
    this.#inForFreeSince.set(account, seenMs);
    const endMs = buyer === undefined ? seenMs : outFrom(buyer);
    const sinceMs = Math.max(Math.min(seenMs, Number.isFinite(endMs) ? endMs : seenMs), this.#excusedUntilMs);
    const forFreeMs = nowMs - sinceMs;
    this.longestForFreeMs = Math.max(this.longestForFreeMs, forFreeMs);
    if (forFreeMs <= forFreeAtMostMs) return;
    this.#violated(`${buyer?.userId ?? 'a stranger'} is inside for free since ${iso(sinceMs)}`, buyer);
    // Once is enough.
    this.#inForFreeSince.set(account, Infinity);
  }

  #buyerOf(account: number): Buyer | undefined {
    return this.#year.byAccount.get(account);
  }

  #violated(what: string, buyer?: Buyer): void {
    this.violations.push({ at: iso(this.#driven.nowMs), what, buyer });
  }
}

/** What was bought a moment ago may not be known yet to whoever decides. */
function settledDeeds(buyer: Buyer, nowMs: number): Buyer {
  return { ...buyer, bought: buyer.bought.filter(({ fromMs }) => fromMs < nowMs - SLACK_MS) };
}

function takesEffect(fault: Fault | undefined): boolean {
  if (fault === undefined || fault.kind === 'delay') return true;
  return 'afterWork' in fault && fault.afterWork;
}

function iso(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'never';
}
