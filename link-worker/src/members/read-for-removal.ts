import { membershipsOfAccount } from '@paid-community/shared/memberships/memberships-of-account.ts';
import type { RemovalFacts } from '@paid-community/shared/model/memberships/decide-removal.ts';
import type { RemoveMemberTask } from '@paid-community/shared/model/memberships/membership-tasks.ts';
import { removalGuards } from '@paid-community/shared/model/memberships/removal-guard.ts';
import type { MemberDeps } from './member-calls.ts';
import { membershipNow } from './membership-now.ts';

/** Everything that decides about a removal, as it is now. @throws RetryableError when the store does not answer. */
export async function readForRemoval(
  { communityId, membershipId, telegramUserId }: RemoveMemberTask,
  { store, communities }: Pick<MemberDeps, 'store' | 'communities'>,
): Promise<RemovalFacts> {
  const [bound, guard, community] = await Promise.all([
    membershipsOfAccount({ telegramUserId, communityId }, store),
    store.get(removalGuards, communityId),
    communities.readAgain(communityId),
  ]);
  const ofAccount = bound.map(({ data }) => data);
  const own = ofAccount.find((each) => each.membershipId === membershipId);
  const membership = own ?? (await membershipNow(membershipId, store));
  return { membership, ofAccount, guard: guard?.data, community };
}
