import { hash } from 'node:crypto';
import type { Plan } from '../plans/plan.ts';
import type { Grant } from './grant.ts';
import type { AnyMembership } from './membership.ts';

// The grants that an operator gives.

/** More time for somebody, after all that was given and taken back; what was bought stays the plan. */
export function extension(
  known: AnyMembership,
  others: readonly Grant[],
  given: { readonly grantId: string; readonly period?: string | undefined; readonly endsAt?: string | undefined },
  nowMs: number,
): Grant {
  const { membershipId, communityId, userId, transactionId = '', planId, planName, revokedAt } = known;
  const before = [revokedAt, ...others.map(({ from }) => from)].filter((time) => time !== undefined);
  // Another process may have a clock that is ahead.
  const from = new Date(Math.max(nowMs, ...before.map((time) => Date.parse(time) + 1))).toISOString();
  const of = { membershipId, communityId, userId, transactionId, planId, planName };
  return { ...of, ...given, kind: 'extension', from, createdAt: new Date(nowMs).toISOString() };
}

/** A moment at which all of these count: another process may have a clock that is ahead. */
export function notBefore(given: readonly Grant[], nowMs: number): string {
  return new Date(Math.max(nowMs, ...given.map(({ from }) => Date.parse(from)))).toISOString();
}

/** What a list of another system says of somebody's time. Times are ISO 8601 with milliseconds. */
export interface ImportedTime {
  readonly plan?: Pick<Plan, 'planId' | 'name' | 'period'> | undefined;
  readonly startsAt?: string | undefined;
  /** Beats the period of the plan. */
  readonly endsAt?: string | undefined;
}

/** A membership has one grant of this kind: a list with another end replaces it. */
export function importGrantId(membershipId: string): string {
  return hash('sha256', JSON.stringify(['import', membershipId])).slice(0, 32);
}

/** The grant of an import; the same grant when it says what is known. */
export function importGrant(
  known: Grant | undefined,
  person: Pick<AnyMembership, 'membershipId' | 'communityId' | 'userId'>,
  { plan, startsAt, endsAt }: ImportedTime,
  nowMs: number,
): Grant {
  const { membershipId, communityId, userId } = person;
  const from = startsAt ?? known?.from ?? new Date(nowMs).toISOString();
  const period = endsAt === undefined ? plan?.period : undefined;
  if (known?.from === from && known.planId === plan?.planId && known.period === period && known.endsAt === endsAt)
    return known;
  return {
    grantId: importGrantId(membershipId),
    kind: 'import',
    membershipId,
    communityId,
    userId,
    transactionId: '',
    planId: plan?.planId,
    planName: plan?.name,
    period,
    endsAt,
    from,
    createdAt: known?.createdAt ?? new Date(nowMs).toISOString(),
  };
}
