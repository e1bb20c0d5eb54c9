import { changeTime } from '@paid-community/shared/model/communities/community-life.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { Collection } from '@paid-community/shared/platform/ports/topology-types.ts';

/**
 * The time of a change that is made now, whatever the clock of this machine says: never before the newest change of the
 * collection.
 * @throws RetryableError
 */
export async function timeOfChange<T extends { readonly updatedAt: string }>(
  collection: Collection<T>,
  { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
): Promise<string> {
  const { documents } = await store.query({
    collection,
    where: {},
    orderBy: { field: 'updatedAt', direction: 'descending' },
    limit: 1,
  });
  return changeTime(clock.now(), documents[0]?.data.updatedAt);
}
