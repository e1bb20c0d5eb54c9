import { grants, isGrant, type Grant } from '../model/memberships/grant.ts';
import { allDocuments } from '../platform/ports/all-documents.ts';
import type { DocumentStore } from '../platform/ports/document-store.ts';

/**
 * All grants of a membership. A change of it reads them inside the change, and writes a new one in the same commit: of
 * two at the same moment, the second reads again.
 */
export async function grantsOf(membershipId: string, store: DocumentStore): Promise<readonly Grant[]> {
  const found = await allDocuments(
    { collection: grants, where: { membershipId }, orderBy: { field: 'from', direction: 'ascending' } },
    store,
  );
  return found.map(({ data }) => data).filter(isGrant);
}
