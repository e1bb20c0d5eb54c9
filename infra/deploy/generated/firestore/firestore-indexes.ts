import type { Collection, CollectionIndex, Topology } from '@paid-community/shared/platform/ports/topology-types.ts';

// What Firestore must know of our indexes, in the form of a firestore.indexes.json
// (https://firebase.google.com/docs/reference/firestore/indexes).

type Order = 'ASCENDING' | 'DESCENDING';

export interface CompositeIndex {
  readonly collectionGroup: string;
  readonly queryScope: 'COLLECTION';
  readonly fields: readonly { readonly fieldPath: string; readonly order: Order }[];
}

interface FieldOverride {
  readonly collectionGroup: string;
  readonly fieldPath: string;
  readonly indexes: readonly { readonly order: Order; readonly queryScope: 'COLLECTION' }[];
  /** Firestore deletes documents whose timestamp in this field has passed. */
  readonly ttl?: true;
}

export interface FirestoreIndexes {
  readonly indexes: readonly CompositeIndex[];
  readonly fieldOverrides: readonly FieldOverride[];
}

/**
 * Every field of every collection is exempt from the index that Firestore makes by itself, except what a declared query
 * needs. An indexed field that only grows (createdAt, updatedAt, a TTL) caps its collection at 500 writes a second, and
 * each index of a field that nobody asks for makes every write slower and every document dearer.
 */
export function firestoreIndexes({ collections }: Pick<Topology, 'collections'>): FirestoreIndexes {
  return {
    indexes: collections.flatMap((collection) =>
      collection.indexes.flatMap((index) => compositesOf(collection, index)),
    ),
    fieldOverrides: collections.flatMap((collection) => [
      exemption(collection),
      ...ttlOf(collection),
      ...fieldsOf(collection),
    ]),
  };
}

// Firestore reads an index in one direction only.
function compositesOf({ name }: Collection<object>, { where, orderBy }: CollectionIndex): CompositeIndex[] {
  if (where.length === 0) return [];
  return (['ASCENDING', 'DESCENDING'] as const).map((order) => ({
    collectionGroup: name,
    queryScope: 'COLLECTION',
    fields: [...where.map((fieldPath) => ({ fieldPath, order: 'ASCENDING' as const })), { fieldPath: orderBy, order }],
  }));
}

function exemption({ name }: Collection<object>): FieldOverride {
  return { collectionGroup: name, fieldPath: '*', indexes: [] };
}

// An override of its own, so it says once more that the field has no index.
function ttlOf({ name, ttlField }: Collection<object>): FieldOverride[] {
  return ttlField === undefined ? [] : [{ collectionGroup: name, fieldPath: ttlField, indexes: [], ttl: true }];
}

/** For counting, which is by equality alone, and for queries that only order. */
function fieldsOf({ name, indexes }: Collection<object>): FieldOverride[] {
  const orders = new Map<string, readonly Order[]>();
  for (const { where, orderBy } of indexes) {
    if (where.length === 0) orders.set(orderBy, ['ASCENDING', 'DESCENDING']);
    for (const field of where) if (!orders.has(field)) orders.set(field, ['ASCENDING']);
  }
  return [...orders].map(([fieldPath, wanted]) => ({
    collectionGroup: name,
    fieldPath,
    indexes: wanted.map((order) => ({ order, queryScope: 'COLLECTION' })),
  }));
}
