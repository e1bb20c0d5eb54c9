import { ConflictError } from './errors.ts';
import { createDocument, updateDocument, type DocumentStore, type Snapshot, type Write } from './document-store.ts';
import type { Collection } from './topology-types.ts';

// The only ways of writing under a condition. Each ends after a bounded number of commits.

const ATTEMPTS = 5;

/**
 * Creates a document. False when there is one already, which stays as it is.
 * @throws as DocumentStore.commit, but no ConflictError
 */
export async function createIfAbsent<T extends object>(
  store: DocumentStore,
  collection: Collection<T>,
  id: string,
  data: NoInfer<T>,
): Promise<boolean> {
  try {
    await store.commit([createDocument(collection, id, data)]);
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}

/** A change that writes further documents in the same commit: all or nothing. */
export class ChangeWithWrites<T extends object> {
  /** Undefined: the document stays as it is. */
  readonly document: T | undefined;
  /** Each under its own condition. */
  readonly writes: readonly Write[];

  constructor(document: T | undefined, writes: readonly Write[]) {
    this.document = document;
    this.writes = writes;
  }
}

/** For a change that has more to write than its document. */
export function withWrites<T extends object>(document: T | undefined, writes: readonly Write[]): ChangeWithWrites<T> {
  return new ChangeWithWrites(document, writes);
}

type Changed<T extends object> = T | ChangeWithWrites<T> | undefined;

export interface ChangeOptions {
  /** Commits at most; 5 by default. With 1 and a snapshot: only if nobody has written the document since it was read. */
  readonly attempts?: number;
  /** Waited for after the commit of that number (from 1) has lost, before the document is read again. */
  readonly backoff?: (attempt: number) => Promise<void>;
}

/**
 * Writes what `change` makes of the document as it is; `change` gets undefined when there is none, and then creates it.
 * It may be called again: when another writer was first, the document is read again and changed anew. What `change`
 * throws ends the attempts. `from` is an id, or a snapshot of the document, which saves the first read.
 *
 * Returns the document as it stands: as changed, or as it was found when `change` returned undefined.
 * @throws ConflictError when the last attempt lost, too; otherwise as DocumentStore.get and commit
 */
export async function changeDocument<T extends object>(
  store: DocumentStore,
  collection: Collection<T>,
  from: string | Snapshot<T>,
  change: (known: T | undefined) => Changed<T> | Promise<Changed<T>>,
  { attempts = ATTEMPTS, backoff }: ChangeOptions = {},
): Promise<T | undefined> {
  const id = typeof from === 'string' ? from : from.id;
  let read = typeof from === 'string' ? await store.get(collection, id) : from;
  for (let attempt = 1; ; attempt += 1) {
    const { document, writes } = asWrites(await change(read?.data));
    const own = document === undefined ? [] : [writeOf(collection, id, read, document)];
    if (own.length + writes.length === 0) return read?.data;
    try {
      await store.commit([...own, ...writes]);
      return document ?? read?.data;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt >= attempts) throw error;
    }
    await backoff?.(attempt);
    read = await store.get(collection, id);
  }
}

/**
 * The same for many documents, as they were read, in one commit. When it loses, each is changed by itself, so that one
 * that others change holds up none of the rest. At most 500. What `change` returns as it was given stays as it is.
 *
 * Returns those that this call has changed, as they are now.
 * @throws as `changeDocument`
 */
export async function changeDocuments<T extends object>(
  store: DocumentStore,
  collection: Collection<T>,
  read: readonly Snapshot<T>[],
  change: (known: T) => T,
): Promise<readonly T[]> {
  const changes = read.flatMap((snapshot) => {
    const next = change(snapshot.data);
    return next === snapshot.data ? [] : [{ snapshot, next }];
  });
  if (changes.length === 0) return [];
  try {
    await store.commit(changes.map(({ snapshot, next }) => updateDocument(collection, snapshot, next)));
    return changes.map(({ next }) => next);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
  const changed: T[] = [];
  for (const { snapshot } of changes) {
    let next: T | undefined;
    await changeDocument(store, collection, snapshot.id, (known) => {
      next = known === undefined ? undefined : change(known);
      if (next === known) next = undefined;
      return next;
    });
    if (next !== undefined) changed.push(next);
  }
  return changed;
}

function asWrites<T extends object>(changed: Changed<T>): ChangeWithWrites<T> {
  return changed instanceof ChangeWithWrites ? changed : withWrites(changed, []);
}

function writeOf<T extends object>(
  collection: Collection<T>,
  id: string,
  read: Snapshot<T> | undefined,
  document: T,
): Write {
  return read === undefined ? createDocument(collection, id, document) : updateDocument(collection, read, document);
}
