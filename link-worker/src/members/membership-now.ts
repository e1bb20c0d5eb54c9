import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

/** The membership of a purchase; undefined when it has none. @throws RetryableError when the store does not answer. */
export async function membershipNow(
  membershipId: string | undefined,
  store: DocumentStore,
): Promise<Membership | undefined> {
  return membershipId === undefined ? undefined : (await store.get(memberships, membershipId))?.data;
}
