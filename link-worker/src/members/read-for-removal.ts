import type { RemovalFacts } from '@paid-community/shared/model/memberships/decide-removal.ts';
import { accountKey, memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { RemoveMemberTask } from '@paid-community/shared/model/memberships/membership-tasks.ts';
import { removalGuards } from '@paid-community/shared/model/memberships/removal-guard.ts';
import type { DocumentStore, Page } from '@paid-community/shared/platform/ports/document-store.ts';
import type { MemberDeps } from './member-calls.ts';
import { membershipNow } from './membership-now.ts';

const PAGE = 100;

/** Everything that decides about a removal, as it is now. @throws RetryableError when the store does not answer. */
export async function readForRemoval(
  { communityId, membershipId, telegramUserId }: RemoveMemberTask,
  { store, communities }: Pick<MemberDeps, 'store' | 'communities'>,
): Promise<RemovalFacts> {
  const [ofAccount, guard, community] = await Promise.all([
    membershipsOf(accountKey(communityId, telegramUserId), store),
    store.get(removalGuards, communityId),
    communities.readAgain(communityId),
  ]);
  const own = ofAccount.find((each) => each.membershipId === membershipId);
  const membership = own ?? (await membershipNow(membershipId, store));
  return { membership, ofAccount, guard: guard?.data, community };
}

/** Of one account in one community: few, but all of them. */
async function membershipsOf(key: string, store: DocumentStore): Promise<readonly Membership[]> {
  const found: Membership[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Membership> = await store.query({
      collection: memberships,
      where: { accountKey: key },
      orderBy: { field: 'membershipId', direction: 'ascending' },
      limit: PAGE,
      cursor,
    });
    found.push(...page.documents.map(({ data }) => data));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found;
}
