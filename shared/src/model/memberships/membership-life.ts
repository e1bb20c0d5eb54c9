import type { Fold } from './covered-time.ts';
import { accountBound } from './account-life.ts';
import { linksRevoked, noted, told, withEffects, withWayBack } from './effects.ts';
import { scheduled } from './due-times.ts';
import type { Grant } from './grant.ts';
import { dueShardOf, isEnded, type AnyMembership, type Membership, type OpenMembership } from './membership.ts';
import { isVoid } from './purchase-grants.ts';
import { lastReminder, type MembershipRules } from './standing.ts';
import { opened, stepped } from './steps.ts';

// The life of a membership, by pure functions. Each takes what is known and the time, and returns the next membership
// with what is to be told and done as `effects`.

/** Links of purchases that nobody has used: more than anybody buys without coming in. */
const EARLIER_REQUESTS = 20;

/** A person of whom nothing was known. */
export function newMembership(
  of: Pick<AnyMembership, 'membershipId' | 'communityId' | 'userId'> & { readonly test?: boolean | undefined },
  nowMs: number,
): OpenMembership {
  const at = new Date(nowMs).toISOString();
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
    // A membership that begins anew after an erasure has the same id, and the ledger knows events of its former life.
    eventCount: Math.floor(nowMs / 1_000),
    history: [],
    dueShard: dueShardOf(membershipId),
    createdAt: at,
    updatedAt: at,
  };
}

/**
 * Nothing of the person is left. It counts as absent from then on: unlike a deletion, it loses against somebody who pays
 * in the same moment.
 */
export function erased({ membershipId, dueShard }: Membership): Membership {
  const blank = newMembership({ membershipId, communityId: '', userId: '' }, 0);
  return { ...blank, dueShard, expiresAt: new Date(0).toISOString() };
}

/** `fold`: with the purchase. `telegramUserId`: given with it; an account that is bound already stays. */
export function purchased(
  known: Membership,
  { grant, telegramUserId }: { readonly grant: Grant; readonly telegramUserId: string | undefined },
  fold: Fold,
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const isBound = telegramUserId === undefined || known.telegramUserId !== undefined;
  const person = isBound ? known : accountBound(known, telegramUserId, nowMs);
  const earlierRequests = earlierOf(person, grant, fold);
  return purchaseNoted({ ...person, earlierRequests }, grant, fold, { what: 'bought', bringsLink: true }, rules, nowMs);
}

/** Whose links may be used besides that of the purchase by which the person comes in. */
function earlierOf(
  { presence, requestId, earlierRequests = [] }: Membership,
  { grantId }: Grant,
  { purchase }: Fold,
): readonly string[] | undefined {
  // Whoever is inside has used a link, and the others are revoked.
  if (presence === 'inside') return earlierRequests;
  const others = new Set([...earlierRequests, requestId, grantId].filter((id) => id !== undefined));
  others.delete(purchase?.grantId ?? grantId);
  return others.size === 0 ? undefined : [...others].slice(-EARLIER_REQUESTS);
}

/** Something was told of the purchase; `fold`: with it. When it gives nothing any more, its link lets nobody in. */
export function purchaseNoted(
  known: Membership,
  grant: Grant,
  fold: Fold,
  why: Change,
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const at = new Date(nowMs).toISOString();
  const person = isVoid(grant) ? withEffects(known, linksRevoked([grant.grantId], 'voided', at)) : known;
  return withFold(person, fold, why, rules, nowMs);
}

/** Why the grants are others than before. */
interface Change {
  /** For the history. */
  readonly what: string;
  readonly detail?: string | undefined;
  /** For the event. */
  readonly reason?: string | undefined;
  /** A purchase has a link of its own. */
  readonly bringsLink?: boolean | undefined;
}

/** The grants are others than before. Tells of a start, a renewal, a revocation. */
export function withFold(
  known: Membership,
  { covered, voided, purchase }: Fold,
  why: Change,
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const isFirst = known.startsAt === undefined && known.startedAt === undefined;
  const isMore = covered !== undefined && (isFirst || reachesFurther(covered.endsAt, known));
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
    cancelledAt: isMore ? undefined : known.cancelledAt,
  };
  if (!isMore) return stepped(next, rules, nowMs);
  const begun = {
    ...opened(next),
    departure: afterPayment(next),
    startedAt: known.startedAt ?? new Date(nowMs).toISOString(),
  };
  const open = { ...begun, remindedAt: remindedAt(begun, rules, nowMs) };
  // What was over begins anew: it is told as a renewal, too, and its removal is off.
  const type = isFirst ? 'MembershipStarted' : 'MembershipRenewed';
  const after = stepped(told(open, type, why.reason === undefined ? {} : { reason: why.reason }, nowMs), rules, nowMs);
  // The links of what had ended are revoked. A purchase has none, either, if link-worker saw the person inside still.
  const mayLackLink = why.bringsLink !== true || known.departure === 'removed';
  return isEnded(known) && mayLackLink ? scheduled(withWayBack(after), rules, nowMs) : after;
}

/** A kick is about what was bought until then. Where the ban still stands, Telegram lets nobody in. */
function afterPayment({ departure }: Membership): Membership['departure'] {
  return departure === 'kicked' ? 'left' : departure;
}

function reachesFurther(endsAt: string | undefined, known: Membership): boolean {
  if (known.startsAt === undefined) return true;
  if (known.endsAt === undefined) return false;
  return endsAt === undefined || endsAt > known.endsAt;
}

/** A reminder of a new end whose moment had passed when that was given is not told. */
function remindedAt(known: Membership, rules: MembershipRules, nowMs: number): string | undefined {
  const passed = lastReminder(known, rules, nowMs);
  return passed === undefined || passed <= (known.remindedAt ?? '') ? known.remindedAt : passed;
}
