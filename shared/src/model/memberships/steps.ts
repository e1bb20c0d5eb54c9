import { scheduled } from './due-times.ts';
import { linksRevoked, noted, told, withEffects, withWayBack } from './effects.ts';
import {
  isEnded,
  type AnyMembership,
  type EndedMembership,
  type Membership,
  type OpenMembership,
} from './membership.ts';
import { removalStepped } from './removal-steps.ts';
import { unusedLinkTold } from './unused-link.ts';
import { accessEnd, daysUntil, lastReminder, standingAt, type MembershipRules } from './standing.ts';

// What time does to a membership. How it stands follows from its times alone, so a step that comes late does what is
// due then, once and in order.

/** All that is due by the time. The same membership when nothing is. */
export function stepped(known: Membership, rules: MembershipRules, nowMs: number): Membership {
  const open = unusedLinkTold(reminded(stateStepped(known, rules, nowMs), rules, nowMs), nowMs);
  return scheduled(removalStepped(open, rules, nowMs), rules, nowMs);
}

function stateStepped(known: Membership, rules: MembershipRules, nowMs: number): Membership {
  // Somebody came by the link of a purchase before its grant did.
  if (known.startsAt === undefined && known.voidedAt === undefined) return opened(known);
  const standing = standingAt(known, rules, nowMs);
  if (standing === 'covered') return isEnded(known) ? notOver(known, nowMs) : opened(known);
  if (standing === 'grace') return known.state === 'grace' ? known : graceStarted(known, nowMs);
  // From one end to another nothing happens to the person.
  return isEnded(known) ? known : ended(known, standing, rules, nowMs);
}

/** A clock that was ahead has ended it. */
function notOver(known: EndedMembership, nowMs: number): Membership {
  const open = noted(opened(known), { what: 'not over yet' }, nowMs);
  return withWayBack(told(open, 'MembershipRenewed', { reason: 'not_over' }, nowMs));
}

/** It is told once for each end, also when a clock goes back: by `remindedAt`, as the reminders are. */
function graceStarted(known: Membership, nowMs: number): Membership {
  const { endsAt = '', remindedAt = '' } = known;
  const open = { ...opened(known), state: 'grace', remindedAt: endsAt } as const;
  if (!isEnded(known) && remindedAt >= endsAt) return open;
  const next = told(noted(open, { what: 'grace started' }, nowMs), 'MembershipGraceStarted', {}, nowMs);
  return isEnded(known) ? withWayBack(next) : next;
}

function ended(
  known: OpenMembership,
  standing: EndedMembership['state'],
  rules: MembershipRules,
  nowMs: number,
): EndedMembership {
  const at = new Date(nowMs).toISOString();
  const { endsAt = at, voidedAt = at, requestId, earlierRequests = [], enteredBy } = known;
  const reason = standing === 'expired' ? 'expired' : voidReasonOf(known);
  const endedAt = standing === 'expired' ? new Date(accessEnd(known, endsAt, rules)).toISOString() : voidedAt;
  // Its links are revoked below.
  const linkless = { ...known, earlierRequests: undefined, expiringLink: undefined };
  const over: EndedMembership = { ...linkless, state: standing, endedAt, endReason: reason };
  const next = noted(over, { what: standing, detail: reason }, nowMs);
  const type = standing === 'expired' ? 'MembershipExpired' : 'MembershipRevoked';
  // A refund that was there before its purchase: nothing has started.
  const withEvent =
    known.startedAt === undefined && known.startsAt === undefined ? next : told(next, type, { reason }, nowMs);
  // The place of a used link opens again when the person goes.
  return withEffects(withEvent, linksRevoked([...earlierRequests, requestId, enteredBy?.requestId], standing, at));
}

function voidReasonOf({ voidReason = 'revoked', revokeReason }: AnyMembership): string {
  return voidReason === 'revoked' ? (revokeReason ?? voidReason) : voidReason;
}

/** pending or active: by whether somebody has come in. The same membership when it is so already. */
export function opened(known: Membership): OpenMembership {
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
  const { endsAt, remindedAt = '' } = known;
  if (endsAt === undefined || isEnded(known) || known.state === 'grace') return known;
  const last = lastReminder(known, rules, nowMs);
  if (last === undefined || last <= remindedAt) return known;
  return told({ ...known, remindedAt: last }, 'MembershipExpiring', { daysLeft: daysUntil(endsAt, nowMs) }, nowMs);
}
