import { accountBound } from './account-life.ts';
import type { Fold } from './covered-time.ts';
import { noted, told } from './effects.ts';
import { withFold } from './membership-life.ts';
import type { Membership, OpenMembership } from './membership.ts';
import type { MembershipRules } from './standing.ts';
import { stepped } from './steps.ts';

// What an operator changes of a membership; `by`: who it was. To another account: see account-life.ts.

/** The time goes on to its end, without grace. */
export function cancelled(known: OpenMembership, by: string, rules: MembershipRules, nowMs: number): Membership {
  if (known.cancelledAt !== undefined) return known;
  const next = noted(
    { ...known, cancelledAt: new Date(nowMs).toISOString() },
    { what: 'cancelled', detail: by },
    nowMs,
  );
  return stepped(told(next, 'MembershipCancelled', {}, nowMs), rules, nowMs);
}

/** An operator gives more time; `fold`: with it. */
export function extended(known: Membership, fold: Fold, by: string, rules: MembershipRules, nowMs: number): Membership {
  return withFold(known, fold, { what: 'extended', detail: by, reason: 'extended' }, rules, nowMs);
}

/** An operator takes away all that was given until now; what is given afterwards counts. `fold`: without it. */
export function takenBack(
  known: Membership,
  why: { readonly at: string; readonly reason: string; readonly by: string },
  fold: Fold,
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const { at, reason, by } = why;
  const without = { ...known, revokedAt: at, revokeReason: reason };
  return withFold(without, fold, { what: 'taken back', detail: `${by}: ${reason}` }, rules, nowMs);
}

/** Somebody who is inside without our doing is ours from now on; `fold`: with what the import gives. */
export function imported(
  known: Membership,
  { telegramUserId, by }: { readonly telegramUserId: string | undefined; readonly by: string },
  fold: Fold,
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const person =
    telegramUserId === undefined ? known : accountBound({ ...known, isAdmitted: true }, telegramUserId, nowMs);
  return withFold(person, fold, { what: 'imported', detail: by, reason: 'imported' }, rules, nowMs);
}

export function exempted(
  known: Membership,
  exempt: boolean,
  by: string,
  rules: MembershipRules,
  nowMs: number,
): Membership {
  if (known.exempt === exempt) return known;
  const what = exempt ? 'exempt' : 'not exempt any more';
  return stepped(noted({ ...known, exempt }, { what, detail: by }, nowMs), rules, nowMs);
}
