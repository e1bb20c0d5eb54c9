import type { MembershipEventType, MembershipFacts } from './membership-event-types.ts';
import { isEnded, type Membership } from './membership.ts';

/**
 * Whether an event of a membership is still to be told. Events may wait for hours while nobody can be told, and come in
 * any order then. What has become untrue meanwhile is left out, since a later event says what is so: no "expiring"
 * after a renewal or the end, no "removed" after the person came back.
 */
export function isStillSo(
  type: MembershipEventType,
  { time, data }: { readonly time: string; readonly data: MembershipFacts },
  membership: Membership,
  nowMs: number,
): boolean {
  switch (type) {
    case 'MembershipStarted':
    case 'MembershipRenewed':
      return !isEnded(membership);
    case 'MembershipExpiring':
      return isRemindedOf(membership, { time, endsAt: data.endsAt }, nowMs);
    case 'MembershipGraceStarted':
      return membership.state === 'grace' && membership.endsAt === data.endsAt;
    case 'MembershipExpired':
    case 'MembershipRevoked':
      return isEnded(membership);
    case 'MembershipCancelled':
      return membership.cancelledAt !== undefined && !isEnded(membership);
    case 'MemberLeft':
      return !(isOfAccount(membership, data) && membership.presence === 'inside');
    case 'MemberRejoined':
      return !(isOfAccount(membership, data) && membership.presence === 'outside');
    // Both are published by link-worker: the membership may not know of them yet.
    case 'MemberRemoved':
    case 'JoinRequestDeclined':
      return !(isOfAccount(membership, data) && cameInAfter(membership, time));
    case 'LinkExpiredUnused':
      return !isEnded(membership) && membership.presence !== 'inside' && !hasOpenLink(membership, nowMs);
    case 'RemovalFailed':
    case 'WrongPersonJoined':
    case 'JoinRequestApproved':
      return true;
  }
}

/** One that took the place of the expired one. */
function hasOpenLink({ expiringLink }: Membership, nowMs: number): boolean {
  return expiringLink !== undefined && nowMs < Date.parse(expiringLink.expiresAt);
}

/** The last reminder of the end that is still ahead. */
function isRemindedOf(
  membership: Membership,
  { time, endsAt }: { readonly time: string; readonly endsAt: string | undefined },
  nowMs: number,
): boolean {
  const { state, remindedAt = '' } = membership;
  const isOpen = state === 'pending' || state === 'active';
  const isAhead = endsAt !== undefined && endsAt === membership.endsAt && nowMs < Date.parse(endsAt);
  return isOpen && isAhead && remindedAt <= time;
}

/** Not of another account, which came by its link or was bound before. */
function isOfAccount({ telegramUserId }: Membership, data: MembershipFacts): boolean {
  return telegramUserId === data.telegramUserId;
}

/** By the clock of Telegram, in whole seconds; nobody comes back within the second of a removal. */
function cameInAfter({ presence, presenceAt = '' }: Membership, time: string): boolean {
  return presence === 'inside' && presenceAt > time;
}
