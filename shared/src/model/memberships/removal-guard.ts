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
  /** How many wait since then, and how many were inside when it tripped. */
  readonly heldDue?: number | undefined;
  readonly heldInside?: number | undefined;
  /** An operator let everything go that waited then. */
  readonly releasedAt?: string | undefined;
  readonly releasedBy?: string | undefined;
  /** How many of these have not gone yet; they do not count. */
  readonly releasedLeft?: number | undefined;
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

export function openGuard(communityId: string, nowMs: number): RemovalGuard {
  return { communityId, letGo: [], updatedAt: iso(nowMs) };
}

/** How many removals this hour has with all that are due now, without those that an operator has released. */
export function removalsWithin(known: RemovalGuard | undefined, due: number, nowMs: number): number {
  if (known === undefined) return due;
  const gone = recent(known, nowMs).reduce((sum, { count }) => sum + count, 0);
  return gone + due - Math.min(known.releasedLeft ?? 0, due);
}

/**
 * Whether those that are due may go: all of them or none. With `heldSince` none may.
 *
 * @param seen - `due`: everybody who is to be removed now. `inside` counts only where `due` is more than the least.
 */
export function judged(
  known: RemovalGuard | undefined,
  seen: { readonly communityId: string; readonly due: number; readonly inside: number },
  { least, percent }: BreakerLimits,
  nowMs: number,
): RemovalGuard {
  const { communityId, due, inside } = seen;
  const at = iso(nowMs);
  const guard = known ?? openGuard(communityId, nowMs);
  if (guard.heldSince !== undefined) return guard.heldDue === due ? guard : { ...guard, heldDue: due, updatedAt: at };
  if (removalsWithin(guard, due, nowMs) > Math.max(least, (inside * percent) / 100))
    return { ...guard, heldSince: at, heldDue: due, heldInside: inside, updatedAt: at };
  const { releasedLeft } = guard;
  // Whoever has paid meanwhile does not go: nobody else goes uncounted instead.
  return releasedLeft === undefined || releasedLeft <= due ? guard : { ...guard, releasedLeft: due, updatedAt: at };
}

/** So many go now. */
export function withLetGo(known: RemovalGuard, count: number, nowMs: number): RemovalGuard {
  const left = known.releasedLeft ?? 0;
  const uncounted = Math.min(left, count);
  const releasedLeft = left > uncounted ? left - uncounted : undefined;
  const letGo = withCount(recent(known, nowMs), iso(nowMs), count - uncounted);
  return { ...known, letGo, releasedLeft, updatedAt: iso(nowMs) };
}

/** An operator has looked: what waits goes, and does not count. */
export function released(known: RemovalGuard, by: string, nowMs: number): RemovalGuard {
  const at = iso(nowMs);
  const { communityId, heldDue } = known;
  return { communityId, letGo: [], releasedAt: at, releasedBy: by, releasedLeft: heldDue, updatedAt: at };
}

function recent({ letGo }: RemovalGuard, nowMs: number): RemovalGuard['letGo'] {
  return letGo.filter(({ at }) => Date.parse(at) > nowMs - HOUR_MS);
}

function withCount(letGo: RemovalGuard['letGo'], at: string, count: number): RemovalGuard['letGo'] {
  if (count === 0) return letGo;
  const minute = `${at.slice(0, 16)}:00.000Z`;
  const same = letGo.find((each) => each.at === minute)?.count ?? 0;
  return [...letGo.filter((each) => each.at !== minute), { at: minute, count: same + count }];
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
