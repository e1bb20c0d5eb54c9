import { durationMs, minus } from '../communities/durations.ts';
import type { CommunitySettings } from '../communities/community.ts';
import type { Fold } from './covered-time.ts';
import {
  accountKey,
  belongsInside,
  dueShardOf,
  HISTORY_LENGTH,
  isEnded,
  type AnyMembership,
  type Effect,
  type EndedMembership,
  type Membership,
  type OpenMembership,
  type Removal,
} from './membership.ts';
import type { MembershipEventType, MembershipFacts } from './membership-events.ts';
import { factsOf } from './membership-facts.ts';

// The life of a membership, by pure functions. Each takes what is known and the time, and returns the next membership
// with what is to be told and done as `effects`. How it stands follows from its times alone (`standingAt`), so a step
// that comes late does what is due then, once and in order.

/** What a community wants of its memberships. */
export type MembershipRules = Pick<CommunitySettings, 'timeZone' | 'grace' | 'reminders' | 'removal' | 'eraseAfter'>;

/** A test journey ends at its end, removes who came by it, and leaves nothing, whatever the community wants otherwise. */
function rulesFor({ test }: AnyMembership, rules: MembershipRules): MembershipRules {
  return test ? { ...rules, grace: undefined, removal: 'on', eraseAfter: 'PT0S' } : rules;
}

const DAY_MS = 24 * 3_600_000;
/**
 * A removal that was asked for, and of which nothing was heard, is asked for again. Later than the hour for which a queue
 * knows the name of a finished task.
 */
const ASK_AGAIN_MS = 75 * 60_000;
/** Whoever stored effects tells and does them within this time. After it they count as left over by a crash. */
const SETTLE_MS = 30_000;

/** A person of whom nothing was known. */
export function newMembership(
  of: Pick<AnyMembership, 'membershipId' | 'communityId' | 'userId'> & { readonly test?: boolean | undefined },
  nowMs: number,
): OpenMembership {
  const at = iso(nowMs);
  const { membershipId, communityId, userId, test = false } = of;
  return {
    membershipId,
    communityId,
    userId,
    state: 'pending',
    presence: 'unknown',
    isAdmitted: false,
    exempt: false,
    test,
    effects: [],
    eventCount: 0,
    history: [],
    dueShard: dueShardOf(membershipId),
    createdAt: at,
    updatedAt: at,
  };
}

/** `telegramUserId`: given with the purchase; an account that is bound already stays. `fold`: with the purchase. */
export function purchased(
  known: Membership,
  telegramUserId: string | undefined,
  fold: Fold,
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const isBound = telegramUserId === undefined || known.telegramUserId !== undefined;
  const person = isBound ? known : accountBound(known, telegramUserId, nowMs);
  return withFold(person, fold, { what: 'bought' }, rules, nowMs);
}

/**
 * The grants are others than before. Tells of a start, a renewal, a revocation; `what` and `detail` are for the
 * history, `reason` for the event.
 */
export function withFold(
  known: Membership,
  { covered, voided, purchase }: Fold,
  why: { readonly what: string; readonly detail?: string | undefined; readonly reason?: string | undefined },
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const isFirst = known.startsAt === undefined && known.voidedAt === undefined;
  const isLonger = covered !== undefined && !isFirst && reachesFurther(covered.endsAt, known);
  const { last } = covered ?? {};
  const next = {
    ...noted(known, why, nowMs),
    startsAt: covered?.startsAt,
    endsAt: covered?.endsAt,
    requestId: purchase?.grantId,
    grantId: last?.grantId,
    transactionId: last?.transactionId,
    planId: last?.planId,
    planName: last?.planName,
    voidedAt: voided?.at,
    voidReason: voided?.reason,
    // Whoever buys again wants to stay.
    cancelledAt: isLonger ? undefined : known.cancelledAt,
  };
  if (covered === undefined || !(isFirst || isLonger)) return stepped(next, rules, nowMs);
  // What was over begins anew: it is told as a renewal, too, and its removal is off.
  const type = isFirst ? 'MembershipStarted' : 'MembershipRenewed';
  return stepped(told(opened(next), type, withoutUndefined({ reason: why.reason }), nowMs), rules, nowMs);
}

function reachesFurther(endsAt: string | undefined, known: Membership): boolean {
  if (known.startsAt === undefined) return true;
  if (known.endsAt === undefined) return false;
  return endsAt === undefined || endsAt > known.endsAt;
}

/** Where it stands at that time, by its times alone. */
export function standingAt(
  known: AnyMembership,
  rules: MembershipRules,
  nowMs: number,
): 'covered' | 'grace' | 'expired' | 'revoked' {
  const { startsAt, endsAt, voidedAt, cancelledAt } = known;
  if (startsAt === undefined) return 'revoked';
  if (endsAt === undefined) return 'covered';
  const endMs = Date.parse(endsAt);
  if (nowMs < endMs) return 'covered';
  // What was taken back after the end, or instead of it, is why the person is out: there is no grace after it.
  if (voidedAt !== undefined && voidedAt > endsAt) return 'revoked';
  return cancelledAt === undefined && nowMs < graceEnd(endMs, rulesFor(known, rules)) ? 'grace' : 'expired';
}

function graceEnd(endMs: number, { grace }: MembershipRules): number {
  return grace === undefined ? endMs : endMs + durationMs(grace, endMs);
}

export function isDue({ dueAt }: AnyMembership, nowMs: number): boolean {
  return dueAt !== undefined && dueAt <= iso(nowMs);
}

/** All that is due by the time. The same membership when nothing is. */
export function stepped(known: Membership, rules: MembershipRules, nowMs: number): Membership {
  return scheduled(
    removalStepped(reminded(stateStepped(known, rules, nowMs), rules, nowMs), rules, nowMs),
    rules,
    nowMs,
  );
}

function stateStepped(known: Membership, rules: MembershipRules, nowMs: number): Membership {
  // Somebody came by the link of a purchase before its grant did.
  if (known.startsAt === undefined && known.voidedAt === undefined) return opened(known);
  const standing = standingAt(known, rules, nowMs);
  if (standing === 'covered') return opened(known);
  if (standing === known.state) return known;
  // From one end to another nothing happens to the person.
  if (isEnded(known) && standing !== 'grace') return known;
  if (standing === 'grace') {
    const open = { ...opened(known), state: 'grace' } as const;
    return told(noted(open, { what: 'grace started' }, nowMs), 'MembershipGraceStarted', {}, nowMs);
  }
  const reason = standing === 'expired' ? 'expired' : voidReasonOf(known);
  const ended: EndedMembership = {
    ...withoutEnd(known),
    state: standing,
    endedAt: standing === 'expired' ? iso(endOf(known, rules)) : (known.voidedAt ?? iso(nowMs)),
    endReason: reason,
  };
  const type = standing === 'expired' ? 'MembershipExpired' : 'MembershipRevoked';
  const withEvent = told(noted(ended, { what: standing, detail: reason }, nowMs), type, { reason }, nowMs);
  // The place of a used link opens again when the person goes.
  return withEffects(withEvent, linksRevoked([known.requestId, known.enteredBy?.requestId], standing, iso(nowMs)));
}

/** At that time nobody is to come in by the links of these purchases any more. */
export function linksRevoked(requestIds: readonly (string | undefined)[], because: string, at: string): Effect[] {
  return [...new Set(requestIds)].flatMap((requestId) =>
    requestId === undefined ? [] : [{ kind: 'revoke_link', requestId, because, at }],
  );
}

function voidReasonOf({ voidReason = 'revoked', revokeReason }: AnyMembership): string {
  return voidReason === 'revoked' ? (revokeReason ?? voidReason) : voidReason;
}

function endOf(known: Membership, rules: MembershipRules): number {
  const endMs = Date.parse(known.endsAt ?? known.updatedAt);
  return known.cancelledAt === undefined ? graceEnd(endMs, rulesFor(known, rules)) : endMs;
}

/** pending or active: by whether somebody has come in. */
function opened(known: Membership): OpenMembership {
  const hasBeenInside = known.presence === 'inside' || known.departure !== undefined || known.isAdmitted;
  const state = hasBeenInside ? 'active' : 'pending';
  return !isEnded(known) && known.state === state ? known : { ...withoutEnd(known), state };
}

function withoutEnd(known: Membership): AnyMembership {
  const none = {
    endedAt: undefined,
    endReason: undefined,
    removal: undefined,
    removalState: undefined,
    removalSince: undefined,
  };
  return { ...known, ...none };
}

/** Only the last reminder whose moment has passed is told, and none after the end: a late one says what is so now. */
function reminded(known: Membership, rules: MembershipRules, nowMs: number): Membership {
  const { endsAt } = known;
  if (endsAt === undefined || isEnded(known) || known.state === 'grace') return known;
  const passed = reminderMoments(known, rules).filter((moment) => Date.parse(moment) <= nowMs);
  const last = passed.at(-1);
  if (last === undefined || last <= (known.remindedAt ?? '')) return known;
  return told({ ...known, remindedAt: last }, 'MembershipExpiring', { daysLeft: daysUntil(endsAt, nowMs) }, nowMs);
}

/** Whole days, rounded up. */
export function daysUntil(endsAt: string, nowMs: number): number {
  return Math.max(0, Math.ceil((Date.parse(endsAt) - nowMs) / DAY_MS));
}

/** In order of time; those before the start do not count. */
function reminderMoments({ startsAt = '', endsAt }: AnyMembership, rules: MembershipRules): readonly string[] {
  if (endsAt === undefined) return [];
  const moments = (rules.reminders ?? []).map((before) => iso(minus(Date.parse(endsAt), before, rules.timeZone)));
  return moments.filter((moment) => moment > startsAt && moment < endsAt).toSorted();
}

/** Whoever is over, was let in by us, and may still be inside. */
function removalStepped(known: Membership, rules: MembershipRules, nowMs: number): Membership {
  if (!isEnded(known)) return known;
  if (known.exempt || !known.isAdmitted || known.telegramUserId === undefined) return withRemoval(known, undefined);
  const { state } = known.removal ?? {};
  if (known.presence === 'outside')
    return state === undefined || state === 'done' ? known : withRemoval(known, undefined);
  const since = known.endedAt;
  const { removal: wanted } = rulesFor(known, rules);
  if (wanted === 'off') return withRemoval(known, undefined);
  if (wanted === 'dry_run')
    return state === 'dry_run' ? known : withRemoval(known, { state: 'dry_run', since, at: iso(nowMs) });
  // Somebody who was removed may have come in again.
  if (state === undefined || state === 'dry_run' || state === 'done')
    return withRemoval(known, { state: 'due', since, at: iso(nowMs) });
  const isForgotten = state === 'asked' && Date.parse(known.removal?.at ?? '') + ASK_AGAIN_MS <= nowMs;
  if (!isForgotten) return known;
  // The breaker has counted it: it does not count again.
  const at = iso(nowMs);
  return withEffects(withRemoval(known, { state: 'asked', since, at }), [{ kind: 'ask_removal_again', at }]);
}

function withRemoval(known: EndedMembership, removal: Removal | undefined): EndedMembership {
  if (removal === undefined && known.removal === undefined) return known;
  return { ...known, removal, removalState: removal?.state, removalSince: removal?.since };
}

/** Its task is queued. */
export function removalAsked(known: Membership, rules: MembershipRules, nowMs: number): Membership {
  if (!isEnded(known) || known.removal?.state !== 'due') return known;
  return scheduled(withRemoval(known, { ...known.removal, state: 'asked', at: iso(nowMs) }), rules, nowMs);
}

/** Telegram has removed the account, or says why it cannot. */
export function removalAnswered(
  known: Membership,
  answer: { readonly telegramUserId: string; readonly at: string; readonly problem?: string | undefined },
  rules: MembershipRules,
  nowMs: number,
): Membership {
  if (known.telegramUserId !== answer.telegramUserId) return known;
  const { problem, at } = answer;
  if (problem !== undefined) {
    if (!isEnded(known) || known.removal === undefined || known.removal.state === 'done') return known;
    const impossible = withRemoval(known, { ...known.removal, state: 'impossible', at, problem });
    return stepped(noted(impossible, { what: 'removal failed', detail: problem }, nowMs), rules, nowMs);
  }
  const out =
    known.presence !== 'outside' && isNews(known, at)
      ? noted(
          { ...known, presence: 'outside', presenceAt: justAfter(known.presenceAt), departure: 'removed' },
          { what: 'removed' },
          nowMs,
        )
      : known;
  const done =
    isEnded(out) && out.removal !== undefined ? withRemoval(out, { ...out.removal, state: 'done', at }) : out;
  return stepped(wantedBack(done), rules, nowMs);
}

/** Our clock and Telegram's may differ: only Telegram's dates are held against each other. */
function justAfter(at: string | undefined): string | undefined {
  return at === undefined ? undefined : iso(Date.parse(at) + 1);
}

/** Removed in the moment in which more time was paid for: the person needs another way in. */
function wantedBack(known: Membership): Membership {
  const { requestId } = known;
  if (isEnded(known) || known.presence !== 'outside' || known.departure !== 'removed' || requestId === undefined)
    return known;
  return withEffects(known, [{ kind: 'make_link', requestId, generation: known.eventCount }]);
}

/** The account is the only one that is let in from now on. */
export function accountBound(known: Membership, telegramUserId: string, nowMs: number): Membership {
  if (known.telegramUserId === telegramUserId) return known;
  const key = accountKey(known.communityId, telegramUserId);
  return noted({ ...known, telegramUserId, accountKey: key }, { what: 'account bound' }, nowMs);
}

/** What an update of Telegram says of the bound account. */
export interface SeenPresence {
  readonly presence: 'inside' | 'outside';
  /** Telegram's date. */
  readonly at: string;
  /** inside: by our link or approval; undefined for one who was inside already. */
  readonly isAdmitted?: boolean | undefined;
  /** inside: neither the owner nor an administrator. */
  readonly isRemovable?: boolean | undefined;
  /** outside: how the account went out, or that it is banned; undefined: nobody saw it go. */
  readonly departure?: AnyMembership['departure'];
  /** outside: it was inside until then. */
  readonly hasLeft?: boolean | undefined;
}

export function presenceSeen(known: Membership, seen: SeenPresence, rules: MembershipRules, nowMs: number): Membership {
  const { presence, at } = seen;
  const isAdmitted = seen.isAdmitted ?? known.isAdmitted;
  const person = isAdmitted === known.isAdmitted ? known : { ...known, isAdmitted };
  if (!isNews(known, at)) return person === known ? known : stepped(person, rules, nowMs);
  const later = at === known.presenceAt ? person : { ...person, presenceAt: at };
  if (presence === 'inside') return stepped(seenInside(later, seen, nowMs), rules, nowMs);
  return stepped(seenOutside(later, seen, nowMs), rules, nowMs);
}

function seenInside(known: Membership, { isRemovable }: SeenPresence, nowMs: number): Membership {
  // An administrator who is none any more can be removed.
  const open =
    isRemovable === true && isEnded(known) && known.removal?.state === 'impossible'
      ? withRemoval(known, undefined)
      : known;
  if (open.presence === 'inside') return open;
  const isBack = open.presence === 'outside' && open.departure !== undefined;
  const inside = noted(
    { ...open, presence: 'inside', departure: undefined },
    { what: isBack ? 'came back' : 'came in' },
    nowMs,
  );
  return isBack && belongsInside(inside) ? told(inside, 'MemberRejoined', {}, nowMs) : inside;
}

function seenOutside(known: Membership, { departure, hasLeft }: SeenPresence, nowMs: number): Membership {
  if (known.presence === 'outside') {
    // Banned while outside.
    const isBanned = departure === 'kicked' && known.departure !== 'kicked';
    return isBanned ? noted({ ...known, departure }, { what: departure }, nowMs) : known;
  }
  const what = departure ?? 'seen outside';
  const outside = noted({ ...known, presence: 'outside', departure }, { what }, nowMs);
  const wasInside = hasLeft === true || known.presence === 'inside';
  // Our own removals are told by whoever made them.
  return departure === undefined || departure === 'removed' || !wasInside
    ? outside
    : told(outside, 'MemberLeft', { reason: departure }, nowMs);
}

/** Updates of several bots say the same; one that is older than what is known says nothing any more. */
export function isNews({ presenceAt }: AnyMembership, at: string): boolean {
  return presenceAt === undefined || at >= presenceAt;
}

/** The time goes on to its end, without grace. */
export function cancelled(known: OpenMembership, by: string, rules: MembershipRules, nowMs: number): Membership {
  if (known.cancelledAt !== undefined) return known;
  const next = noted({ ...known, cancelledAt: iso(nowMs) }, { what: 'cancelled', detail: by }, nowMs);
  return stepped(told(next, 'MembershipCancelled', {}, nowMs), rules, nowMs);
}

/** An operator gives more time; `fold`: with it. */
export function extended(known: Membership, fold: Fold, by: string, rules: MembershipRules, nowMs: number): Membership {
  const next = withFold(known, fold, { what: 'extended', detail: by, reason: 'extended' }, rules, nowMs);
  const { requestId, presence, departure } = next;
  // The links of what had ended are revoked. Whoever an administrator put out stays out.
  if (!isEnded(known) || isEnded(next) || presence === 'inside' || departure === 'kicked' || requestId === undefined)
    return next;
  const link: Effect = { kind: 'make_link', requestId, generation: next.eventCount };
  return scheduled(withEffects(next, [link]), rules, nowMs);
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

/** To another account of the same person: the old one is not to be inside any more. */
export function moved(
  known: Membership,
  telegramUserId: string,
  by: string,
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const before = known.telegramUserId;
  if (before === telegramUserId) return known;
  const blank = { ...known, presence: 'unknown', presenceAt: undefined, departure: undefined } as const;
  const next = noted(
    accountBound(blank, telegramUserId, nowMs),
    { what: 'moved to another account', detail: by },
    nowMs,
  );
  const { requestId } = known;
  return stepped(
    withEffects(next, [
      ...(before === undefined || !known.isAdmitted
        ? []
        : [{ kind: 'remove_account', telegramUserId: before, because: 'moved', at: iso(nowMs) } as const]),
      ...(requestId === undefined || isEnded(known)
        ? []
        : [{ kind: 'make_link', requestId, generation: known.eventCount } as const]),
    ]),
    rules,
    nowMs,
  );
}

/** All that it brought about is told and done. */
export function effectsDone(
  known: Membership,
  done: readonly Effect[],
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const keys = new Set(done.map((effect) => JSON.stringify(effect)));
  return scheduled(
    { ...known, effects: known.effects.filter((effect) => !keys.has(JSON.stringify(effect))) },
    rules,
    nowMs,
  );
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
  if (known.removal !== undefined && known.removal.state !== 'done') return undefined;
  const endedMs = Date.parse(known.endedAt);
  return endedMs + durationMs(after, endedMs);
}

export function scheduled(known: Membership, rules: MembershipRules, nowMs: number): Membership {
  const dueMs = nextDue(known, rules, nowMs);
  const dueAt = dueMs === undefined ? undefined : iso(dueMs);
  return dueAt === known.dueAt ? known : { ...known, dueAt };
}

/** When it must be looked at again. */
function nextDue(known: Membership, rules: MembershipRules, nowMs: number): number | undefined {
  if (known.effects.length > 0) return nowMs + SETTLE_MS;
  if (isEnded(known)) {
    const asked = known.removal?.state === 'asked' ? Date.parse(known.removal.at) + ASK_AGAIN_MS : undefined;
    return asked ?? erasureDue(known, rules);
  }
  if (known.endsAt === undefined) return undefined;
  const endMs = Date.parse(known.endsAt);
  if (nowMs >= endMs) return endOf(known, rules);
  const reminder = reminderMoments(known, rules).find(
    (moment) => moment > (known.remindedAt ?? '') && Date.parse(moment) > nowMs,
  );
  return reminder === undefined ? endMs : Date.parse(reminder);
}

export function told<M extends Membership>(
  known: M,
  type: MembershipEventType,
  facts: Partial<MembershipFacts>,
  nowMs: number,
): M {
  const generation = known.eventCount + 1;
  const event: Effect = {
    kind: 'publish',
    type,
    generation,
    time: iso(nowMs),
    facts: { ...factsOf(known), ...facts },
  };
  return { ...known, effects: [...known.effects, event], eventCount: generation };
}

export function withEffects<M extends Membership>(known: M, effects: readonly Effect[]): M {
  return effects.length === 0 ? known : { ...known, effects: [...known.effects, ...effects] };
}

export function noted<M extends Membership>(
  known: M,
  { what, detail }: { readonly what: string; readonly detail?: string | undefined },
  nowMs: number,
): M {
  const at = iso(nowMs);
  return { ...known, updatedAt: at, history: [...known.history, { at, what, detail }].slice(-HISTORY_LENGTH) };
}

function withoutUndefined<T extends object>(fields: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: NonNullable<T[Key]>;
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
