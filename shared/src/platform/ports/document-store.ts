import type { Collection } from './topology-types.ts';

/** A document as it was read. */
export interface Snapshot<T> {
  readonly id: string;
  readonly data: T;
  /** Opaque; changes with every write of the document, and never returns to an earlier value. */
  readonly version: string;
}

/** One part of a commit. Made by `createDocument`, `updateDocument`, `deleteDocument`, which check its type. */
export type Write =
  | { readonly kind: 'create'; readonly collection: string; readonly id: string; readonly data: object }
  | {
      readonly kind: 'update';
      readonly collection: string;
      readonly id: string;
      readonly data: object;
      readonly ifVersion: string;
    }
  | { readonly kind: 'delete'; readonly collection: string; readonly id: string };

export function createDocument<T extends object>(collection: Collection<T>, id: string, data: NoInfer<T>): Write {
  return { kind: 'create', collection: collection.name, id, data };
}

/** Replaces the whole document, if nobody has written it since `read` was read. */
export function updateDocument<T extends object>(
  collection: Collection<T>,
  read: Pick<Snapshot<T>, 'id' | 'version'>,
  data: NoInfer<T>,
): Write {
  return { kind: 'update', collection: collection.name, id: read.id, data, ifVersion: read.version };
}

/** Deleting what does not exist is a no-op. */
export function deleteDocument<T extends object>(collection: Collection<T>, id: string): Write {
  return { kind: 'delete', collection: collection.name, id };
}

export interface Query<T extends object> {
  readonly collection: Collection<T>;
  /** Every named field equals the value. The fields and `orderBy` must match a declared index of the collection. */
  readonly where: Readonly<Record<string, string | number | boolean>>;
  readonly orderBy: {
    readonly field: string;
    readonly direction: 'ascending' | 'descending';
    /** Only documents whose field is this or more; of the type that the field has. */
    readonly from?: string | number | undefined;
    /** Only documents whose field is less than this. */
    readonly before?: string | number | undefined;
  };
  /** 1 to 1,000. */
  readonly limit: number;
  /** `nextCursor` of the page before; the bounds of the order field may be others than there. */
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly documents: readonly Snapshot<T>[];
  /** Undefined on the last page. */
  readonly nextCursor: string | undefined;
}

/**
 * JSON documents by id (`[^/]{1,400}`, at most 1,499 bytes), with atomic conditional commits. A property whose value is
 * undefined is not stored. A document has at most 1 MB as JSON, no array directly inside an array, and no property
 * named `__…__`: Firestore takes none of these. Guarantees, on every backend:
 * - A resolved `commit` is on stable storage, and a `get` that starts later sees it.
 * - A commit happens as a whole or not at all.
 * - Of several concurrent commits that create or update the same document, one wins and the others get ConflictError.
 * - A document whose time in the collection's `ttlField` has passed counts as absent: `get` and `query` leave it out,
 *   `create` replaces it. It is deleted some time later; until then `count` may count it.
 */
export interface DocumentStore {
  /** @throws RetryableError when the store did not answer; PermanentError for an undeclared collection or a bad id. */
  get<T extends object>(collection: Collection<T>, id: string): Promise<Snapshot<T> | undefined>;

  /**
   * All of the writes (1 to 500, each of another document), or none.
   * @throws ConflictError when a created document exists, or an updated one changed or is gone.
   * @throws RetryableError when the store did not confirm it; it may have been stored all the same.
   * @throws PermanentError for an undeclared collection, or a commit, id or document outside the limits.
   */
  commit(writes: readonly Write[]): Promise<void>;

  /**
   * One page, ordered by the field, then by id in the same direction. Documents in which
   * the field is absent or null are left out.
   * @throws PermanentError for a query that no declared index serves, or a cursor that is not one.
   */
  query<T extends object>(query: Query<T>): Promise<Page<T>>;

  /** How many documents match; `where` must be the fields of a declared index that is not sparse. */
  count<T extends object>(query: Pick<Query<T>, 'collection' | 'where'>): Promise<number>;
}
