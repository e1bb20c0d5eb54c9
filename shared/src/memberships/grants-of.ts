import { grants, isGrant, type Grant, type StoredGrant } from '../model/memberships/grant.ts';
import type { DocumentStore, Page } from '../platform/ports/document-store.ts';

const PAGE = 1_000;

/**
 * All grants of a membership. A change of it reads them inside the change, and writes a new one in the same commit: of
 * two at the same moment, the second reads again.
 */
export async function grantsOf(membershipId: string, store: DocumentStore): Promise<readonly Grant[]> {
  const found: Grant[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<StoredGrant> = await store.query({
      collection: grants,
      where: { membershipId },
      orderBy: { field: 'from', direction: 'ascending' },
      limit: PAGE,
      cursor,
    });
    found.push(...page.documents.map(({ data }) => data).filter(isGrant));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found;
}
