import { SHARES, type CallClass } from './call-classes.ts';

/** A call that waits for its turn. */
export interface WaitingCall {
  readonly communityId: string;
  readonly callClass: CallClass;
  /** Of one community and class, the call that waits since the earliest time is first. */
  readonly since: number;
}

/**
 * A community that has no call at hand in some moment keeps its claim for so many turns. One that had none for longer
 * has no claim to more than its share.
 */
const CLAIM_TURNS = 8;
/** Beyond so many, all are forgotten, and begin as those that were idle. */
const MOST_COMMUNITIES = 20_000;

/**
 * How many turns each community has had, of all bots together. So a community that one bot serves well leaves another
 * bot to those that have no other.
 */
export class TurnsHad {
  readonly #turns = new Map<string, number>();

  of(communityId: string): number {
    return this.#turns.get(communityId) ?? 0;
  }

  set(communityId: string, turns: number): void {
    if (this.#turns.size >= MOST_COMMUNITIES) this.#turns.clear();
    this.#turns.set(communityId, turns);
  }
}

/**
 * The order of the turns of one bot, by start-time fair queuing: over the classes by their shares, and within a class
 * the community first that had the fewest turns.
 */
export class FairOrder {
  readonly #had: TurnsHad;
  /** The virtual time of the classes, and when in it each may have its next turn. */
  #classTime = 0;
  readonly #nextOfClass = new Map<CallClass, number>();
  /** For each class, how many turns the community had that was served last. */
  readonly #hadBefore = new Map<CallClass, number>();

  constructor(had: TurnsHad) {
    this.#had = had;
  }

  /** The call whose turn is next; undefined when none waits. */
  next<Call extends WaitingCall>(calls: Iterable<Call>): Call | undefined {
    return this.#first(calls, []);
  }

  /** The call whose turn comes last when no other call joins these; undefined when none waits. */
  last<Call extends WaitingCall>(calls: readonly Call[]): Call | undefined {
    const left = new Set(calls);
    const before: WaitingCall[] = [];
    for (;;) {
      const first = this.#first(left, before);
      if (first === undefined || left.size === 1) return first;
      left.delete(first);
      before.push(first);
    }
  }

  /** The call has its turn now. */
  served({ communityId, callClass }: WaitingCall): void {
    this.#classTime = this.#classStart(callClass);
    this.#nextOfClass.set(callClass, this.#classTime + 1 / SHARES[callClass]);
    const had = this.#hadBy(communityId, callClass);
    this.#hadBefore.set(callClass, Math.max(had, this.#hadBefore.get(callClass) ?? 0));
    this.#had.set(communityId, had + 1);
  }

  #first<Call extends WaitingCall>(calls: Iterable<Call>, before: readonly WaitingCall[]): Call | undefined {
    let first: Call | undefined;
    for (const call of calls) if (first === undefined || this.#isBefore(call, first, before)) first = call;
    return first;
  }

  /** `before`: calls that are served before either of them. */
  #isBefore(call: WaitingCall, other: WaitingCall, before: readonly WaitingCall[]): boolean {
    const { callClass } = call;
    if (callClass !== other.callClass) {
      const start = this.#startAfter(callClass, before);
      const otherStart = this.#startAfter(other.callClass, before);
      return start === otherStart ? SHARES[callClass] > SHARES[other.callClass] : start < otherStart;
    }
    const had = this.#hadAfter(call, before);
    const otherHad = this.#hadAfter(other, before);
    return had === otherHad ? call.since < other.since : had < otherHad;
  }

  #startAfter(callClass: CallClass, before: readonly WaitingCall[]): number {
    const ofClass = before.filter((call) => call.callClass === callClass).length;
    return this.#classStart(callClass) + ofClass / SHARES[callClass];
  }

  #hadAfter({ communityId, callClass }: WaitingCall, before: readonly WaitingCall[]): number {
    return this.#hadBy(communityId, callClass) + before.filter((call) => call.communityId === communityId).length;
  }

  #classStart(callClass: CallClass): number {
    return Math.max(this.#classTime, this.#nextOfClass.get(callClass) ?? 0);
  }

  #hadBy(communityId: string, callClass: CallClass): number {
    return Math.max(this.#had.of(communityId), (this.#hadBefore.get(callClass) ?? 0) - CLAIM_TURNS);
  }
}
