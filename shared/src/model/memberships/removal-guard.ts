import type { Collection } from '../../platform/ports/topology-types.ts';

/**
 * The breaker of a community: when more people are to be removed within an hour than REMOVAL_BREAKER_PERCENT of those
 * inside, and more than REMOVAL_BREAKER_LEAST, none is, until an operator has looked. A wrong clock, an import with a
 * wrong date and a restored backup look like that.
 */
export interface RemovalGuard {
  readonly communityId: string;
  /** How many were let go, by the minute, within the last hour. */
  readonly letGo: readonly { readonly at: string; readonly count: number }[];
  /** Since when all removals are held; absent: they are not. */
  readonly heldSince?: string | undefined;
  /** How many were due when it tripped, and how many were inside. */
  readonly heldDue?: number | undefined;
  readonly heldInside?: number | undefined;
  /** An operator let everything go that was due then. */
  readonly releasedAt?: string | undefined;
  readonly releasedBy?: string | undefined;
  readonly updatedAt: string;
}

/** Id: the communityId. */
export const removalGuards: Collection<RemovalGuard> = {
  name: 'removal_guards',
  owner: 'join-tracker',
  operatorWrites: 'an operator releases what is held',
  keyedBy: 'communityId',
  personalFields: {},
  onErasure: { keep: 'is about the community' },
  indexes: [],
};

export interface BreakerLimits {
  /** Of the people inside, in percent. */
  readonly percent: number;
  readonly least: number;
}

const HOUR_MS = 3_600_000;

export interface GuardDecision {
  readonly guard: RemovalGuard;
  /** How many of those that are due may go now: all or none. */
  readonly mayGo: boolean;
  /** It has just tripped: tell the operator. */
  readonly hasTripped: boolean;
}

/** @param dueAfterRelease - Those of `due` that were not due yet when an operator released them. */
export function guardRemovals(
  known: RemovalGuard | undefined,
  seen: {
    readonly communityId: string;
    readonly due: number;
    readonly dueAfterRelease: number;
    readonly inside: number;
  },
  limits: BreakerLimits,
  nowMs: number,
): GuardDecision {
  const { communityId, due, dueAfterRelease, inside } = seen;
  const at = new Date(nowMs).toISOString();
  const guard: RemovalGuard = { ...(known ?? { communityId, letGo: [] }), updatedAt: at };
  if (guard.heldSince !== undefined) return { guard, mayGo: false, hasTripped: false };
  const recent = guard.letGo.filter((each) => Date.parse(each.at) > nowMs - HOUR_MS);
  const counted = recent.reduce((sum, { count }) => sum + count, 0) + dueAfterRelease;
  if (counted > Math.max(limits.least, (inside * limits.percent) / 100))
    return { guard: { ...guard, heldSince: at, heldDue: due, heldInside: inside }, mayGo: false, hasTripped: true };
  return { guard: { ...guard, letGo: withCount(recent, at, dueAfterRelease) }, mayGo: true, hasTripped: false };
}

/** An operator has looked: what is due now goes, and is not counted. */
export function released(known: RemovalGuard, by: string, nowMs: number): RemovalGuard {
  const at = new Date(nowMs).toISOString();
  return { communityId: known.communityId, letGo: [], releasedAt: at, releasedBy: by, updatedAt: at };
}

function withCount(recent: RemovalGuard['letGo'], at: string, count: number): RemovalGuard['letGo'] {
  const minute = `${at.slice(0, 16)}:00.000Z`;
  const same = recent.find((each) => each.at === minute)?.count ?? 0;
  return [...recent.filter((each) => each.at !== minute), { at: minute, count: same + count }];
}
