import { SHARES, type CallClass } from './call-classes.ts';

/** A call that waits for its turn. */
export interface WaitingCall {
  readonly communityId: string;
  readonly callClass: CallClass;
  /** Of one community and class, the call that waits since the earliest time is first. */
  readonly since: number;
}

/** A turn counts for so long, and less with time. A community that was idle for longer has no claim to more than its share. */
export const REMEMBERED_MS = 30_000;
/** Beyond so many, all are forgotten, and begin as those that were idle. */
const MOST_COMMUNITIES = 20_000;

/**
 * How many turns each community has had of late, of all bots together. So a community that one bot serves well leaves
 * another bot to those that have no other.
 */
export class RecentTurns {
  readonly #turns = new Map<string, { readonly count: number; readonly atMs: number }>();

  of(communityId: string, nowMs: number): number {
    const known = this.#turns.get(communityId);
    return known === undefined ? 0 : known.count * Math.exp((known.atMs - nowMs) / REMEMBERED_MS);
  }

  perSecond(communityId: string, nowMs: number): number {
    return (this.of(communityId, nowMs) * 1_000) / REMEMBERED_MS;
  }

  add(communityId: string, nowMs: number): void {
    const count = this.of(communityId, nowMs) + 1;
    if (this.#turns.size >= MOST_COMMUNITIES) this.#turns.clear();
    this.#turns.set(communityId, { count, atMs: nowMs });
  }
}

/**
 * The order of the turns of one bot: over the classes by their shares (self-clocked fair queuing), and within a class the
 * community first that had the fewest turns of late.
 */
export class FairOrder {
  readonly #recent: RecentTurns;
  /** The virtual time of the classes: that of the last turn. */
  #classTime = 0;
  /** When in it each class has its turn; a class that has asked keeps it until it is served, also when it comes back. */
  readonly #turnOf = new Map<CallClass, { readonly at: number; readonly isServed: boolean }>();

  constructor(recent: RecentTurns) {
    this.#recent = recent;
  }

  /** The call whose turn is next; undefined when none waits. */
  next<Call extends WaitingCall>(calls: Iterable<Call>, nowMs: number): Call | undefined {
    return this.#first(calls, [], nowMs);
  }

  /** The calls in the order of their turns, when no other call joins them. */
  inOrder<Call extends WaitingCall>(calls: Iterable<Call>, nowMs: number): readonly Call[] {
    const left = new Set(calls);
    const before: Call[] = [];
    for (;;) {
      const first = this.#first(left, before, nowMs);
      if (first === undefined) return before;
      left.delete(first);
      before.push(first);
    }
  }

  /** The call has its turn now. */
  served({ communityId, callClass }: WaitingCall, nowMs: number): void {
    this.#classTime = Math.max(this.#classTime, this.#turnAfter(callClass, []));
    this.#turnOf.set(callClass, { at: this.#classTime, isServed: true });
    this.#recent.add(communityId, nowMs);
  }

  #first<Call extends WaitingCall>(
    calls: Iterable<Call>,
    before: readonly WaitingCall[],
    nowMs: number,
  ): Call | undefined {
    let first: Call | undefined;
    for (const call of calls) if (first === undefined || this.#isBefore(call, first, before, nowMs)) first = call;
    return first;
  }

  /** `before`: calls that are served before either of them. */
  #isBefore(call: WaitingCall, other: WaitingCall, before: readonly WaitingCall[], nowMs: number): boolean {
    const { callClass } = call;
    if (callClass !== other.callClass) {
      const at = this.#turnAfter(callClass, before);
      const otherAt = this.#turnAfter(other.callClass, before);
      return at === otherAt ? SHARES[callClass] > SHARES[other.callClass] : at < otherAt;
    }
    if (call.communityId === other.communityId) return call.since < other.since;
    const had = this.#hadAfter(call, before, nowMs);
    const otherHad = this.#hadAfter(other, before, nowMs);
    return had === otherHad ? call.since < other.since : had < otherHad;
  }

  /**
   * When in the virtual time the class has its next turn: the later, the smaller its share. So what has a small share
   * waits first, and is not put off again by those that come meanwhile.
   */
  #turnAfter(callClass: CallClass, before: readonly WaitingCall[]): number {
    let turn = this.#turnOf.get(callClass) ?? { at: 0, isServed: true };
    if (turn.isServed) {
      turn = { at: Math.max(this.#classTime, turn.at) + 1 / SHARES[callClass], isServed: false };
      this.#turnOf.set(callClass, turn);
    }
    return turn.at + before.filter((call) => call.callClass === callClass).length / SHARES[callClass];
  }

  #hadAfter({ communityId }: WaitingCall, before: readonly WaitingCall[], nowMs: number): number {
    return this.#recent.of(communityId, nowMs) + before.filter((call) => call.communityId === communityId).length;
  }
}
