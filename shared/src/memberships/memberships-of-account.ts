import { memberships, type Membership } from '../model/memberships/membership.ts';
import { allDocuments } from '../platform/ports/all-documents.ts';
import type { DocumentStore, Snapshot } from '../platform/ports/document-store.ts';

/**
 * All memberships that the account is bound to, oldest first: those of one community, or of all where none is named. Of
 * an account that is bound to none it costs one read.
 * @throws RetryableError when the store does not answer.
 */
export async function membershipsOfAccount(
  { telegramUserId, communityId }: { readonly telegramUserId: string; readonly communityId?: string | undefined },
  store: DocumentStore,
): Promise<readonly Snapshot<Membership>[]> {
  const orderBy = { field: 'createdAt', direction: 'ascending' } as const;
  const found = await allDocuments({ collection: memberships, where: { telegramUserId }, orderBy }, store);
  return communityId === undefined ? found : found.filter(({ data }) => data.communityId === communityId);
}
