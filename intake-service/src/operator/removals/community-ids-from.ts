import { communities, DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

/** Each costs a few reads. */
const PAGE = 25;

/** Some communities from that id on, in the order of their ids; `default` has perhaps no document. */
export async function communityIdsFrom(
  from: string,
  store: DocumentStore,
): Promise<{ readonly ids: readonly string[]; readonly isLast: boolean }> {
  const { documents, nextCursor } = await store.query({
    collection: communities,
    where: {},
    orderBy: { field: 'communityId', direction: 'ascending', from },
    limit: PAGE,
  });
  const stored = documents.map(({ id }) => id);
  const isLast = nextCursor === undefined;
  const isOfPage = from <= DEFAULT_COMMUNITY && (isLast || DEFAULT_COMMUNITY <= (stored.at(-1) ?? ''));
  return { ids: isOfPage ? [...new Set([...stored, DEFAULT_COMMUNITY])].toSorted() : stored, isLast };
}
