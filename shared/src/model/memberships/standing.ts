import { durationMs, minus } from '../communities/durations.ts';
import type { CommunitySettings } from '../communities/community.ts';
import type { AnyMembership } from './membership.ts';

// How a membership stands, by its times alone.

/** What a community wants of its memberships. */
export type MembershipRules = Pick<CommunitySettings, 'timeZone' | 'grace' | 'reminders' | 'removal' | 'eraseAfter'>;

const DAY_MS = 24 * 3_600_000;

/** A test journey ends at its end, removes who came by it, and leaves nothing, whatever the community wants otherwise. */
export function rulesFor({ test }: AnyMembership, rules: MembershipRules): MembershipRules {
  return test ? { ...rules, grace: undefined, removal: 'on', eraseAfter: 'PT0S' } : rules;
}

/** Where it stands at that time. */
export function standingAt(
  known: AnyMembership,
  rules: MembershipRules,
  nowMs: number,
): 'covered' | 'grace' | 'expired' | 'revoked' {
  const { startsAt, endsAt, voidedAt } = known;
  if (startsAt === undefined) return 'revoked';
  if (endsAt === undefined || nowMs < Date.parse(endsAt)) return 'covered';
  // What was taken back after the end, or instead of it, is why the person is out: there is no grace after it.
  if (voidedAt !== undefined && voidedAt > endsAt) return 'revoked';
  return nowMs < accessEnd(known, endsAt, rules) ? 'grace' : 'expired';
}

/** Until when somebody may be inside whose time ends then: with the grace, unless the person has cancelled. */
export function accessEnd(known: AnyMembership, endsAt: string, rules: MembershipRules): number {
  const endMs = Date.parse(endsAt);
  const { grace } = rulesFor(known, rules);
  return grace === undefined || known.cancelledAt !== undefined ? endMs : endMs + durationMs(grace, endMs);
}

/** In order of time; those before the start do not count. */
export function reminderMoments({ startsAt = '', endsAt }: AnyMembership, rules: MembershipRules): readonly string[] {
  if (endsAt === undefined) return [];
  const endMs = Date.parse(endsAt);
  const moments = (rules.reminders ?? []).map((before) => new Date(minus(endMs, before, rules.timeZone)).toISOString());
  return moments.filter((moment) => moment > startsAt && moment < endsAt).toSorted();
}

/** The last reminder whose moment has passed. */
export function lastReminder(known: AnyMembership, rules: MembershipRules, nowMs: number): string | undefined {
  return reminderMoments(known, rules).findLast((moment) => Date.parse(moment) <= nowMs);
}

/** Whole days, rounded up. */
export function daysUntil(endsAt: string, nowMs: number): number {
  return Math.max(0, Math.ceil((Date.parse(endsAt) - nowMs) / DAY_MS));
}
