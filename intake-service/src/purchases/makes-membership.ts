import type { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { membershipOfPurchase } from '@paid-community/shared/model/memberships/membership-of-purchase.ts';
import type { Purchase } from './accept-purchase.ts';

/**
 * Whether a purchase makes a membership; undefined: it does not. Decided once, with its acceptance, so that nobody
 * decides otherwise by settings that have changed since. A purchase of `default` waits for no read of them.
 */
export function makesMembership(
  { communityIds: [communityId], ...bought }: Pick<Purchase, 'communityIds' | 'userId' | 'planId' | 'endsAt'>,
  communities: Pick<KnownCommunities, 'lastKnown' | 'wereRead'>,
): Purchase['makesMembership'] {
  const known = communities.lastKnown(communityId);
  if (membershipOfPurchase({ ...bought, communityId }, known) !== undefined) return true;
  return communityId === DEFAULT_COMMUNITY && !communities.wereRead ? 'unknown' : undefined;
}
