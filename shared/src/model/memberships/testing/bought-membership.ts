import { LIFETIME } from '../../plans/plan.ts';
import { foldGrants } from '../covered-time.ts';
import type { Grant } from '../grant.ts';
import { accountBound, presenceSeen } from '../account-life.ts';
import { effectsDone } from '../due-times.ts';
import { newMembership, withFold } from '../membership-life.ts';
import type { MembershipRules } from '../standing.ts';
import { membershipIdOf, type Membership } from '../membership.ts';

export interface Bought {
  readonly communityId?: string | undefined;
  readonly userId: string;
  /** From now on. */
  readonly period?: string | undefined;
  /** inside: came in by our link; unasked: is inside, and not by us. */
  readonly presence?: 'inside' | 'unasked' | 'unknown' | undefined;
  readonly test?: boolean | undefined;
}

/** Somebody who has bought now; all that it brought about is told and done. The Telegram account is `tg-<userId>`. */
export function boughtMembership(of: Bought, rules: MembershipRules, nowMs: number): Membership {
  const { communityId = 'gold', userId, period = LIFETIME, presence = 'inside', test = false } = of;
  const membershipId = membershipIdOf(communityId, { userId });
  const from = new Date(nowMs).toISOString();
  const grant: Grant = {
    grantId: `request-of-${userId}`,
    kind: 'purchase',
    membershipId,
    communityId,
    userId,
    transactionId: 'txn',
    planId: 'monthly',
    planName: 'Monthly',
    period,
    from,
    createdAt: from,
  };
  const fold = foldGrants([grant], undefined, rules);
  const bought = withFold(
    newMembership({ membershipId, communityId, userId, test }, nowMs),
    fold,
    { what: 'bought' },
    rules,
    nowMs,
  );
  const bound = presence === 'unknown' ? bought : accountBound(bought, `tg-${userId}`, nowMs);
  const seen = { presence: 'inside', at: from, isAdmitted: presence === 'inside' } as const;
  const known = presence === 'unknown' ? bound : presenceSeen(bound, seen, rules, nowMs);
  return effectsDone(known, known.effects, rules, nowMs);
}
