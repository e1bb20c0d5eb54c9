import { isEnded, type Membership } from './membership.ts';

const RANK = { active: 3, grace: 2, pending: 1, expired: 0, revoked: 0 } as const;
const NO_END = '9';

/**
 * The one of a person's memberships that says most of the person: an active one before one in its days of grace, before
 * one that is bought and not used yet, before one that is over; of several the one that lasts longest, or ended last.
 * Undefined: there is none.
 */
export function leadingMembership(all: readonly Membership[]): Membership | undefined {
  return all.toSorted((one, other) => RANK[other.state] - RANK[one.state] || (lasts(one) < lasts(other) ? 1 : -1))[0];
}

/** Comparable times: all have the same form. */
function lasts(membership: Membership): string {
  return isEnded(membership) ? membership.endedAt : (membership.endsAt ?? NO_END);
}
