import { scheduled } from './due-times.ts';
import { told } from './effects.ts';
import { expiryOfUnusedLink } from './link-in-use.ts';
import { isEnded, type ExpiringLink, type Membership } from './membership.ts';
import type { MembershipRules } from './standing.ts';

// That the link of a purchase has expired before anybody came in by it.

/**
 * The membership has a link. A later link takes the place of an earlier one, and the same one again changes nothing.
 * One that has expired by then is no news.
 */
export function linkMade(known: Membership, link: ExpiringLink, rules: MembershipRules, nowMs: number): Membership {
  const isKnown = known.expiringLink !== undefined && known.expiringLink.createdAt >= link.createdAt;
  if (isKnown || isEnded(known) || Date.parse(link.expiresAt) <= nowMs) return known;
  return scheduled({ ...known, expiringLink: link }, rules, nowMs);
}

/** Told once for each link. */
export function unusedLinkTold(known: Membership, nowMs: number): Membership {
  const { expiringLink } = known;
  const expiryMs = expiryOfUnusedLink(known);
  if (expiringLink === undefined || expiryMs === undefined || expiryMs > nowMs) return known;
  return told({ ...known, expiringLink: { ...expiringLink, isTold: true } }, 'LinkExpiredUnused', {}, nowMs);
}
