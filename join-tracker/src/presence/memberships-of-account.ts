import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';

/** More than one account has in all communities together. */
const MOST = 500;

/** Those that the account is bound to. Of an account that is bound to none it costs one read. @throws RetryableError */
export async function membershipsOfAccount(
  telegramUserId: string,
  store: DocumentStore,
): Promise<readonly Snapshot<Membership>[]> {
  const { documents } = await store.query({
    collection: memberships,
    where: { telegramUserId },
    orderBy: { field: 'createdAt', direction: 'ascending' },
    limit: MOST,
  });
  return documents;
}
