import { memberships, type Membership } from '../model/memberships/membership.ts';
import type { DocumentStore, Page, Snapshot } from '../platform/ports/document-store.ts';

const PAGE = 500;

/**
 * All memberships that the account is bound to, oldest first: those of one community, or of all where none is named. Of
 * an account that is bound to none it costs one read.
 * @throws RetryableError when the store does not answer.
 */
export async function membershipsOfAccount(
  { telegramUserId, communityId }: { readonly telegramUserId: string; readonly communityId?: string | undefined },
  store: DocumentStore,
): Promise<readonly Snapshot<Membership>[]> {
  const found: Snapshot<Membership>[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Membership> = await store.query({
      collection: memberships,
      where: { telegramUserId },
      orderBy: { field: 'createdAt', direction: 'ascending' },
      limit: PAGE,
      cursor,
    });
    found.push(...page.documents);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return communityId === undefined ? found : found.filter(({ data }) => data.communityId === communityId);
}
