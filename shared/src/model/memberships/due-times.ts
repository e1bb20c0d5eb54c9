import { durationMs } from '../communities/durations.ts';
import { expiryOfUnusedLink } from './link-in-use.ts';
import type { Effect } from './membership-effect.ts';
import { isEnded, type AnyMembership, type Membership, type Removal } from './membership.ts';
import { ASK_AGAIN_MS } from './removal-steps.ts';
import { accessEnd, reminderMoments, rulesFor, type MembershipRules } from './standing.ts';

// When a membership must be looked at again, by itself.

/** Whoever stored effects tells and does them within this time. After it they count as left over by a crash. */
const SETTLE_MS = 30_000;

export function isDue({ dueAt }: AnyMembership, nowMs: number): boolean {
  return dueAt !== undefined && dueAt <= iso(nowMs);
}

/** Each transition ends with it. */
export function scheduled(known: Membership, rules: MembershipRules, nowMs: number): Membership {
  const dueMs = nextDue(known, rules, nowMs);
  const dueAt = dueMs === undefined ? undefined : iso(dueMs);
  return dueAt === known.dueAt ? known : { ...known, dueAt };
}

function nextDue(known: Membership, rules: MembershipRules, nowMs: number): number | undefined {
  if (known.effects.length > 0) return settledBy(known, nowMs);
  if (isEnded(known)) {
    const asked = known.removal?.state === 'asked' ? Date.parse(known.removal.at) + ASK_AGAIN_MS : undefined;
    return asked ?? erasureDue(known, rules);
  }
  const moments = [endDue(known, rules, nowMs), expiryOfUnusedLink(known)].filter((moment) => moment !== undefined);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** The next reminder, the end, or that of the grace. */
function endDue(known: Membership, rules: MembershipRules, nowMs: number): number | undefined {
  const { endsAt, remindedAt = '' } = known;
  if (endsAt === undefined) return undefined;
  const endMs = Date.parse(endsAt);
  if (nowMs >= endMs) return accessEnd(known, endsAt, rules);
  const reminder = reminderMoments(known, rules).find((moment) => moment > remindedAt && Date.parse(moment) > nowMs);
  return reminder === undefined ? endMs : Date.parse(reminder);
}

/** Whoever stored the first of its effects has the time, also when others change it meanwhile. */
function settledBy({ dueAt }: AnyMembership, nowMs: number): number {
  const latest = nowMs + SETTLE_MS;
  const known = dueAt === undefined ? latest : Date.parse(dueAt);
  return known > nowMs && known < latest ? known : latest;
}

/** All of these effects are told and done. */
export function effectsDone(
  known: Membership,
  done: readonly Effect[],
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const keys = new Set(done.map(keyOf));
  return scheduled({ ...known, effects: known.effects.filter((effect) => !keys.has(keyOf(effect))) }, rules, nowMs);
}

/** A store gives the fields of an effect in any order. */
function keyOf(effect: Effect): string {
  const { kind } = effect;
  switch (kind) {
    case 'publish':
    case 'make_link':
      return JSON.stringify([kind, effect.generation]);
    case 'revoke_link':
      return JSON.stringify([kind, effect.requestId, effect.because, effect.at]);
    case 'ask_removal_again':
      return JSON.stringify([kind, effect.at]);
    case 'remove_account':
      return JSON.stringify([kind, effect.telegramUserId, effect.because, effect.at]);
  }
}

/** Whether its data may go: the person is out, and the time for which the community keeps it has passed. */
export function isToBeErased(known: Membership, rules: MembershipRules, nowMs: number): boolean {
  const at = erasureDue(known, rules);
  return at !== undefined && at <= nowMs && known.effects.length === 0;
}

function erasureDue(known: Membership, rules: MembershipRules): number | undefined {
  const { eraseAfter: after } = rulesFor(known, rules);
  if (!isEnded(known) || after === undefined || known.exempt) return undefined;
  // Whoever may still be inside is removed first, where the community wants that.
  if (known.removal !== undefined && !isOver(known.removal, known)) return undefined;
  const endedMs = Date.parse(known.endedAt);
  return endedMs + durationMs(after, endedMs);
}

/** Whether nobody is to be removed any more; a test journey ends also when Telegram does not allow its removal. */
function isOver({ state }: Removal, { test }: AnyMembership): boolean {
  return state === 'done' || (test && state === 'impossible');
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
