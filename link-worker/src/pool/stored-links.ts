import { poolLinks } from '@paid-community/shared/model/links/pool-link.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

// What the store says of the links of a pool.

/** How many can be given, in one shard or in all. */
export function countAvailable(
  where: { readonly communityId: string; readonly shard?: number },
  store: DocumentStore,
): Promise<number> {
  return store.count({ collection: poolLinks, where: { ...where, state: 'AVAILABLE' } });
}

/** Of the links that were made in the shard so far; 0 when there is none. */
export async function lastSequence(communityId: string, shard: number, store: DocumentStore): Promise<number> {
  const { documents } = await store.query({
    collection: poolLinks,
    where: { communityId, shard },
    orderBy: { field: 'sequence', direction: 'descending' },
    limit: 1,
  });
  return documents[0]?.data.sequence ?? 0;
}
