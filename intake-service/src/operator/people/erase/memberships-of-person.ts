import { grantsOf } from '@paid-community/shared/memberships/grants-of.ts';
import { grants, isGrant } from '@paid-community/shared/model/memberships/grant.ts';
import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { allDocuments } from '@paid-community/shared/platform/ports/all-documents.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';

/**
 * The memberships that go as a whole: those of the user, and that of the one purchase when it has nothing else. The id
 * of an import stands in the place of a purchase.
 */
export async function ownMemberships(
  { userId, requestId }: { readonly userId?: string | undefined; readonly requestId?: string | undefined },
  store: DocumentStore,
): Promise<readonly Snapshot<Membership>[]> {
  const ofUser = userId === undefined ? [] : await membershipsOfUser(userId, store);
  const ofPurchase = requestId === undefined ? undefined : await readMembershipOfPurchase(requestId, store);
  const isAlone = ofPurchase !== undefined && (await grantsOf(ofPurchase.id, store)).length === 1;
  return isAlone ? [...ofUser.filter(({ id }) => id !== ofPurchase.id), ofPurchase] : ofUser;
}

export async function readMembershipOfPurchase(
  requestId: string,
  store: DocumentStore,
): Promise<Snapshot<Membership> | undefined> {
  const grant = (await store.get(grants, requestId))?.data;
  return isGrant(grant) ? store.get(memberships, grant.membershipId) : undefined;
}

function membershipsOfUser(userId: string, store: DocumentStore): Promise<readonly Snapshot<Membership>[]> {
  const orderBy = { field: 'createdAt', direction: 'ascending' } as const;
  return allDocuments({ collection: memberships, where: { userId }, orderBy }, store);
}
