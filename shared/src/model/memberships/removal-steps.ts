import { withEffects } from './effects.ts';
import { isEnded, type EndedMembership, type Membership, type Removal } from './membership.ts';
import { rulesFor, type MembershipRules } from './standing.ts';

/**
 * A removal that was asked for, and of which nothing was heard, is asked for again. Later than the hour for which a queue
 * knows the name of a finished task.
 */
export const ASK_AGAIN_MS = 75 * 60_000;

/** Whoever is over, was let in by us, and may still be inside. */
export function removalStepped(known: Membership, rules: MembershipRules, nowMs: number): Membership {
  if (!isEnded(known)) return known;
  if (known.exempt || !known.isAdmitted || known.telegramUserId === undefined) return withRemoval(known, undefined);
  const { state } = known.removal ?? {};
  const at = new Date(nowMs).toISOString();
  if (known.presence === 'outside') return outside(known, at);
  const since = known.endedAt;
  const { removal: wanted } = rulesFor(known, rules);
  if (wanted === 'off') return withRemoval(known, undefined);
  if (wanted === 'dry_run') return state === 'dry_run' ? known : withRemoval(known, { state: 'dry_run', since, at });
  // Somebody who was removed may have come in again.
  if (state === undefined || state === 'dry_run' || state === 'done')
    return withRemoval(known, { state: 'due', since, at });
  const isForgotten = state === 'asked' && Date.parse(known.removal?.at ?? '') + ASK_AGAIN_MS <= nowMs;
  if (!isForgotten) return known;
  // The breaker has counted it: it does not count again.
  return withEffects(withRemoval(known, { state: 'asked', since, at }), [{ kind: 'ask_removal_again', at }]);
}

/** Seen to be out: the removal is done, or needless. */
function outside(known: EndedMembership, at: string): EndedMembership {
  const { removal, departure } = known;
  if (removal === undefined || removal.state === 'done') return known;
  const isOurs = removal.state === 'asked' || departure === 'removed';
  return withRemoval(known, isOurs ? { ...removal, state: 'done', at } : undefined);
}

export function withRemoval(known: EndedMembership, removal: Removal | undefined): EndedMembership {
  if (removal === undefined && known.removal === undefined) return known;
  return { ...known, removal, removalState: removal?.state, removalSince: removal?.since };
}
