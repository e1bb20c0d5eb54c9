import { joins, joinWithoutPerson } from '@paid-community/shared/model/memberships/join.ts';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { deleteDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { Collection, CollectionIndex } from '@paid-community/shared/platform/ports/topology-types.ts';
import { topology } from '@paid-community/shared/topology.ts';
import type { OperatorCall } from '../../http/operation.ts';
import { isKeyedByPurchase } from '../../../purchases/purchase-documents.ts';
import { sumErased, type Erased } from './erased.ts';

const PAGE = 100;

/**
 * Documents of a Telegram user that no purchase leads to, such as joins that no link of ours explains; and who it was
 * that joined through the link of somebody else. Joins of `requestIds` go with their requests.
 */
export async function eraseTelegramUser(
  telegramUserId: string,
  requestIds: readonly string[],
  call: OperatorCall,
): Promise<Erased> {
  const removed = await Promise.all(
    topology.collections
      // A membership goes with its grants: erase-memberships.ts.
      .filter(({ name }) => name !== memberships.name)
      .filter((collection) => collection.onErasure === 'delete' && !isKeyedByPurchase(collection))
      .flatMap((collection) => indexByTelegramUser(collection).map((index) => ({ collection, index })))
      .map(({ collection, index }) => removeAll(collection, index, telegramUserId, call)),
  );
  return sumErased([...removed, await emptyJoins(telegramUserId, requestIds, call)]);
}

/** The index by which the documents of a Telegram user are found; empty when the collection has none. */
export function indexByTelegramUser({ indexes }: Collection<object>): readonly CollectionIndex[] {
  return indexes.filter(({ where }) => where.length === 1 && where[0] === 'telegramUserId').slice(0, 1);
}

async function removeAll(
  collection: Collection<object>,
  { orderBy }: CollectionIndex,
  telegramUserId: string,
  { store }: OperatorCall,
): Promise<Erased> {
  let removed = 0;
  for (;;) {
    const { documents } = await store.query({
      collection,
      where: { telegramUserId },
      orderBy: { field: orderBy, direction: 'ascending' },
      limit: PAGE,
    });
    if (documents.length === 0) return { [collection.name]: removed };
    await store.commit(documents.map(({ id }) => deleteDocument(collection, id)));
    removed += documents.length;
  }
}

// The purchase is another person's, and keeps its join.
async function emptyJoins(
  telegramUserId: string,
  requestIds: readonly string[],
  { store }: OperatorCall,
): Promise<Erased> {
  let emptied = 0;
  for (let cursor: string | undefined; ;) {
    const page = await store.query({
      collection: joins,
      where: { telegramUserId },
      orderBy: { field: 'joinedAt', direction: 'ascending' },
      limit: PAGE,
      cursor,
    });
    const others = page.documents.filter(({ id }) => !requestIds.includes(id));
    await Promise.all(
      others.map((join) =>
        changeDocument(store, joins, join, (known) => (known === undefined ? undefined : joinWithoutPerson(known))),
      ),
    );
    emptied += others.length;
    cursor = page.nextCursor;
    if (cursor === undefined) return { [joins.name]: emptied };
  }
}
