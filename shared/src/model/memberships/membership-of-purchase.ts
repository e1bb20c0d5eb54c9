import type { CommunitySettings } from '../communities/community.ts';
import type { PurchaseReceivedData } from '../purchases/purchase-received.ts';
import { membershipIdOf } from './membership.ts';

interface Bought {
  readonly communityId: string;
  readonly userId: string;
  readonly planId?: string | undefined;
  readonly endsAt?: string | undefined;
  readonly makesMembership?: PurchaseReceivedData['makesMembership'] | undefined;
}

/**
 * The id of the membership that a purchase belongs to; undefined: it makes none. It makes one when it names a plan or
 * an end, or when its community wants more of it than a link. `community`: undefined where nobody has changed a
 * setting of it.
 */
export function membershipOfPurchase(
  { communityId, userId, planId, endsAt, makesMembership }: Bought,
  community: Pick<CommunitySettings, 'entry' | 'removal'> | undefined,
): string | undefined {
  const isMember =
    makesMembership === true || planId !== undefined || endsAt !== undefined || wantsMemberships(community);
  return isMember ? membershipIdOf(communityId, { userId }) : undefined;
}

/** Whether each purchase of the community makes a membership. */
function wantsMemberships(community: Pick<CommunitySettings, 'entry' | 'removal'> | undefined): boolean {
  return community !== undefined && (community.removal !== 'off' || community.entry === 'request');
}
