import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import type { Plan, PlannedPurchase } from './plan-purchases.ts';

/** The steps of a purchase, in order, under the names that are shown. */
export const STAGES = ['purchases', 'links', 'link events', 'joins', 'joined events'] as const;
export type Stage = (typeof STAGES)[number];
const OF_JOINS: ReadonlySet<Stage> = new Set(['joins', 'joined events']);

/** One acknowledged purchase, and how far it was seen to be. Times are ms since the epoch. */
export interface Tracked {
  readonly purchase: PlannedPurchase;
  readonly requestId: string;
  /** In words, for the list of what is missing. */
  status: string;
  /** It will not go on from here. */
  isFinal: boolean;
  inviteLink: string | undefined;
  linkEventSeen: boolean;
  /** When the demo let the buyer in; 'before' when the link was used already, by an earlier run as a rule. */
  joined: number | 'before' | undefined;
  joinEventSeen: boolean;
  /** Its first stage that is not seen yet; undefined when it is complete. */
  waitsFor: Stage | undefined;
}

export interface Problem {
  readonly origin: string;
  readonly reason: string;
}

type Counts = Record<Stage, number>;

/** What was asked for and what is known to be there. */
export class Ledger {
  readonly plan: Plan;
  readonly totals: Readonly<Counts>;
  readonly counts = noCounts();
  /** The same of each community, by its id. */
  readonly ofCommunities = new Map<string, { readonly totals: Counts; readonly counts: Counts }>();
  /** Acknowledged and not complete, by the stage that is waited for, oldest first. Those that are final stay in it. */
  readonly waiting: Readonly<Record<Stage, Set<Tracked>>> = {
    purchases: new Set(),
    links: new Set(),
    'link events': new Set(),
    joins: new Set(),
    'joined events': new Set(),
  };
  /** Rows that the server called invalid. */
  readonly refused: Problem[] = [];
  /** Answers that break the contract. */
  readonly wrong: Problem[] = [];
  /** Rows answered with the requestId that this same purchase had got before. */
  repeats = 0;
  /** Of the joins, those that the demo found made. */
  joinedBefore = 0;
  readonly durationsMs = { toLink: [] as number[], toLinkEvent: [] as number[], joinToEvent: [] as number[] };
  /** Rows that got no answer yet, with what the last try met. */
  readonly unanswered = new Map<PlannedPurchase, string>();
  readonly #identityOf = new Map<string, string>();
  readonly #requestIdOf = new Map<string, string>();

  constructor(plan: Plan) {
    this.plan = plan;
    const { different, joins } = plan;
    this.totals = { purchases: different, links: different, 'link events': different, joins, 'joined events': joins };
    for (const community of plan.communities)
      this.ofCommunities.set(idOf(community), { totals: noCounts(), counts: noCounts() });
    const seen = new Set<string>();
    for (const purchase of plan.purchases) {
      this.unanswered.set(purchase, 'not sent');
      if (!seen.has(purchase.identity)) this.#expect(purchase);
      seen.add(purchase.identity);
    }
  }

  get isComplete(): boolean {
    return this.wrong.length === 0 && STAGES.every((stage) => this.counts[stage] === this.totals[stage]);
  }

  /** Some that are open can still be completed. */
  get hasHope(): boolean {
    for (const stage of STAGES) for (const tracked of this.waiting[stage]) if (!tracked.isFinal) return true;
    return false;
  }

  /** Acknowledged and not complete. */
  get open(): Tracked[] {
    return STAGES.flatMap((stage) => [...this.waiting[stage]]);
  }

  acknowledge(purchase: PlannedPurchase, requestId: string): void {
    this.unanswered.delete(purchase);
    const otherIdentity = this.#identityOf.get(requestId);
    const otherRequestId = this.#requestIdOf.get(purchase.identity);
    if (otherIdentity === undefined && otherRequestId === undefined) {
      this.#identityOf.set(requestId, purchase.identity);
      this.#requestIdOf.set(purchase.identity, requestId);
      this.#count(purchase, 'purchases');
      this.waiting.links.add({
        purchase,
        requestId,
        status: 'acknowledged',
        isFinal: false,
        inviteLink: undefined,
        linkEventSeen: false,
        joined: undefined,
        joinEventSeen: false,
        waitsFor: 'links',
      });
    } else if (otherRequestId === requestId) {
      this.repeats += 1;
    } else {
      const reason =
        otherRequestId === undefined
          ? 'got the requestId of another purchase'
          : 'is a repeat, and got another requestId than the first time';
      this.wrong.push({ origin: purchase.origin, reason: `${reason}: ${requestId}` });
    }
  }

  refuse(purchase: PlannedPurchase, reason: string): void {
    this.unanswered.delete(purchase);
    this.refused.push({ origin: purchase.origin, reason });
  }

  /** Counts what is new about a purchase. */
  advance(
    tracked: Tracked,
    seen: Partial<Pick<Tracked, 'inviteLink' | 'linkEventSeen' | 'joined' | 'joinEventSeen'>>,
  ): void {
    if (seen.inviteLink !== undefined && tracked.inviteLink === undefined) {
      tracked.inviteLink = seen.inviteLink;
      this.#count(tracked.purchase, 'links');
    }
    if (seen.linkEventSeen === true && !tracked.linkEventSeen) {
      tracked.linkEventSeen = true;
      this.#count(tracked.purchase, 'link events');
    }
    if (tracked.purchase.joins) this.#advanceJoin(tracked, seen);
    const waitsFor = nextStageOf(tracked);
    if (waitsFor === tracked.waitsFor) return;
    if (tracked.waitsFor !== undefined) this.waiting[tracked.waitsFor].delete(tracked);
    if (waitsFor !== undefined) this.waiting[waitsFor].add(tracked);
    tracked.waitsFor = waitsFor;
  }

  #advanceJoin(tracked: Tracked, seen: Partial<Pick<Tracked, 'joined' | 'joinEventSeen'>>): void {
    if (seen.joined !== undefined && tracked.joined === undefined) {
      tracked.joined = seen.joined;
      this.#count(tracked.purchase, 'joins');
      if (seen.joined === 'before') this.joinedBefore += 1;
    }
    if (seen.joinEventSeen === true && !tracked.joinEventSeen) {
      tracked.joinEventSeen = true;
      this.#count(tracked.purchase, 'joined events');
    }
  }

  #count({ community }: PlannedPurchase, stage: Stage): void {
    this.counts[stage] += 1;
    const of = this.ofCommunities.get(idOf(community));
    if (of !== undefined) of.counts[stage] += 1;
  }

  #expect({ community, joins }: PlannedPurchase): void {
    const of = this.ofCommunities.get(idOf(community));
    if (of === undefined) return;
    for (const stage of STAGES) if (joins || !OF_JOINS.has(stage)) of.totals[stage] += 1;
  }
}

function noCounts(): Counts {
  return { purchases: 0, links: 0, 'link events': 0, joins: 0, 'joined events': 0 };
}

function idOf(community: PlannedPurchase['community']): string {
  return community?.communityId ?? DEFAULT_COMMUNITY;
}

function nextStageOf({ purchase, inviteLink, linkEventSeen, joined, joinEventSeen }: Tracked): Stage | undefined {
  if (inviteLink === undefined) return 'links';
  if (!linkEventSeen) return 'link events';
  if (!purchase.joins) return undefined;
  if (joined === undefined) return 'joins';
  return joinEventSeen ? undefined : 'joined events';
}
