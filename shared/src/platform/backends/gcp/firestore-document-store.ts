import { randomUUID } from 'node:crypto';
import type * as SDK from '@google-cloud/firestore';
import { ConflictError, PermanentError } from '../../ports/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DocumentStore, Page, Query, Snapshot, Write } from '../../ports/document-store.ts';
import type { Collection, Topology } from '../../ports/topology-types.ts';
import {
  checkDocumentSize,
  checkExpiry,
  checkId,
  checkLimit,
  checkWrites,
  declaredCollections,
  decodeCursor,
  encodeCursor,
  findIndex,
  isExpired,
} from '../document-rules.ts';
import { callOptions } from './call-limits.ts';
import { connectionOptions, noMetadataServer } from './connection.ts';
import { firestoreGrpcOptions } from './firestore-grpc-options.ts';
import { fromDocumentId, toDocumentId } from './firestore-document-id.ts';
import { fromVersion, toVersion } from './firestore-version.ts';
import { toFirestoreWrite, type FirestoreWrite } from './firestore-writes.ts';
import { LazyClient } from './lazy-client.ts';

export const DEFAULT_DATABASE = '(default)';

export interface FirestoreOptions {
  readonly projectId: string;
  /** DEFAULT_DATABASE when it is not given. */
  readonly database?: string | undefined;
  readonly emulatorHost: string | undefined;
}

/**
 * In every document, another value with every write: Firestore does not change the update time of a document whose
 * write changed nothing, and two writers of the same content would both win. Never seen outside, and not indexed.
 */
export const COMMIT_ID_FIELD = '_commitId';

const ABORTED = 10;

/** The SDK and its clients: all are loaded with the first call. */
export interface Loaded {
  readonly sdk: typeof SDK;
  /** Reads. */
  readonly firestore: SDK.Firestore;
  /** Commits (see firestore-writes.ts for why not through the other one). */
  readonly writer: InstanceType<typeof SDK.v1.FirestoreClient>;
}

/** DocumentStore on Firestore in native mode. A version is the document's update time. */
export class FirestoreDocumentStore implements DocumentStore {
  readonly #client: LazyClient<Loaded>;
  readonly #database: string;
  readonly #clock: Clock;
  readonly #declared: (name: string) => Collection<object>;

  constructor(options: FirestoreOptions, topology: Topology, clock: Clock) {
    this.#clock = clock;
    this.#declared = declaredCollections(topology.collections);
    this.#database = `projects/${options.projectId}/databases/${options.database ?? DEFAULT_DATABASE}`;
    this.#client = new LazyClient(
      () => loadFirestore(options),
      ({ firestore, writer }) => Promise.all([firestore.terminate(), writer.close()]),
    );
  }

  async get<T extends object>(collection: Collection<T>, id: string): Promise<Snapshot<T> | undefined> {
    const found = await this.#read<T>(collection.name, id);
    return found === undefined || this.#isExpired(collection, found) ? undefined : found;
  }

  async commit(writes: readonly Write[]): Promise<void> {
    checkWrites(writes);
    for (const write of writes) {
      const declared = this.#declared(write.collection);
      if (write.kind === 'delete') continue;
      checkDocumentSize(JSON.stringify(write.data));
      checkExpiry(declared, write.data);
    }
    const commitId = randomUUID();
    // Copied before the first wait: what the caller does to its object later is not part of the commit.
    const prepared = writes.map((write) => {
      const data = write.kind === 'delete' ? {} : { ...toStored(write.data), [COMMIT_ID_FIELD]: commitId };
      return {
        write,
        stored: toFirestoreWrite(this.#database, write, data, this.#declared(write.collection).ttlField),
      };
    });
    const what = `Writing to ${[...new Set(writes.map((write) => write.collection))].join(' and ')}`;
    const commit = async (): Promise<void> => {
      const request = { database: this.#database, writes: prepared.map(({ stored }) => stored) };
      await this.#client.call(what, ({ writer }) => writer.commit(request, commitOptions()), 'commit');
    };
    try {
      await commit();
    } catch (error) {
      if (!(error instanceof ConflictError) || !(await this.#replaceExpired(prepared))) throw error;
      await commit();
    }
  }

  /**
   * Lets creates take the place of documents that count as absent and are not deleted yet. False when there are none.
   */
  async #replaceExpired(prepared: { readonly write: Write; stored: FirestoreWrite }[]): Promise<boolean> {
    let replaced = false;
    for (const part of prepared) {
      const { write } = part;
      const declared = this.#declared(write.collection);
      if (write.kind !== 'create' || declared.ttlField === undefined) continue;
      const found = await this.#read(write.collection, write.id);
      if (found === undefined || !this.#isExpired(declared, found)) continue;
      part.stored = { ...part.stored, currentDocument: { updateTime: fromVersion(found.version) } };
      replaced = true;
    }
    return replaced;
  }

  async #read<T extends object>(collection: string, id: string): Promise<Snapshot<T> | undefined> {
    const declared = this.#declared(collection);
    checkId(id);
    const snapshot = await this.#client.call(`Reading from ${collection}`, ({ firestore }) =>
      reference(firestore, collection, id).get(),
    );
    return snapshot.exists ? toSnapshot<T>(snapshot, declared) : undefined;
  }

  #isExpired(collection: Collection<object>, { data }: Snapshot<object>): boolean {
    return isExpired(this.#declared(collection.name), data, this.#clock.now());
  }

  async query<T extends object>(query: Query<T>): Promise<Page<T>> {
    const declared = this.#declared(query.collection.name);
    checkLimit(query.limit);
    findIndex(declared, query, query.orderBy.field);
    const cursor = query.cursor === undefined ? undefined : decodeCursor(query, query.cursor);
    const { field, from, before } = query.orderBy;
    const direction = query.orderBy.direction === 'ascending' ? 'asc' : 'desc';
    const { docs } = await this.#client.call(`Querying ${declared.name}`, ({ sdk, firestore }) => {
      const path = new sdk.FieldPath(field);
      const matching = filtered(sdk, firestore.collection(declared.name), query.where);
      const notBefore = from === undefined ? matching : matching.where(path, '>=', from);
      const ordered = (before === undefined ? notBefore : notBefore.where(path, '<', before))
        .orderBy(path, direction)
        .orderBy(sdk.FieldPath.documentId(), direction)
        // One more than asked for tells whether there is another page.
        .limit(query.limit + 1);
      return (cursor === undefined ? ordered : ordered.startAfter(cursor.orderValue, toDocumentId(cursor.id))).get();
    });
    const documents = docs.slice(0, query.limit).map((snapshot) => toSnapshot<T>(snapshot, declared));
    const last = docs.length > query.limit ? documents.at(-1) : undefined;
    const unexpired = documents.filter((found) => !this.#isExpired(declared, found));
    if (last === undefined) return { documents: unexpired, nextCursor: undefined };
    const orderValue = (last.data as Record<string, unknown>)[query.orderBy.field];
    if (typeof orderValue !== 'string' && typeof orderValue !== 'number') {
      throw new PermanentError(
        'invalid_query',
        `Pages can be ordered by texts and numbers only, and ${query.orderBy.field} is neither`,
      );
    }
    return { documents: unexpired, nextCursor: encodeCursor(query, { orderValue, id: last.id }) };
  }

  async count<T extends object>(query: Pick<Query<T>, 'collection' | 'where'>): Promise<number> {
    const declared = this.#declared(query.collection.name);
    findIndex(declared, query);
    const result = await this.#client.call(`Counting ${declared.name}`, ({ sdk, firestore }) =>
      filtered(sdk, firestore.collection(declared.name), query.where).count().get(),
    );
    return result.data().count;
  }

  /** @throws RetryableError unless Firestore answers a read. Bills one read. */
  async checkReady(): Promise<void> {
    await this.#client.call('Reading from Firestore', ({ firestore }) => firestore.doc('readiness/probe').get());
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

export async function loadFirestore({
  projectId,
  database = DEFAULT_DATABASE,
  emulatorHost,
}: FirestoreOptions): Promise<Loaded> {
  // Its `v1` is a getter, which named imports of a CommonJS module miss.
  const { default: sdk } = (await import('@google-cloud/firestore')) as unknown as { default: typeof SDK };
  const place = emulatorHost === undefined ? {} : { host: emulatorHost, ssl: false, ...noMetadataServer };
  const firestore = new sdk.Firestore({
    projectId,
    databaseId: database,
    ...place,
    ignoreUndefinedProperties: true,
    ...firestoreGrpcOptions,
  });
  const writer = new sdk.v1.FirestoreClient(await connectionOptions(projectId, emulatorHost));
  return { sdk, firestore, writer };
}

/**
 * ABORTED: another commit held the document, and nothing was written. The same commit may find it free, or its
 * condition gone.
 */
function commitOptions(): ReturnType<typeof callOptions> {
  const options = callOptions();
  return { ...options, retry: { ...options.retry, retryCodes: [...options.retry.retryCodes, ABORTED] } };
}

export function reference(firestore: SDK.Firestore, collection: string, id: string): SDK.DocumentReference {
  return firestore.collection(collection).doc(toDocumentId(id));
}

function filtered(sdk: typeof SDK, from: SDK.Query, where: Query<object>['where']): SDK.Query {
  return Object.entries(where).reduce(
    (query, [field, value]) => query.where(new sdk.FieldPath(field), '==', value),
    from,
  );
}

// Plain JSON, as on every backend; what is undefined goes.
export function toStored(data: object): Record<string, unknown> {
  const stored = JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
  if (COMMIT_ID_FIELD in stored)
    throw new PermanentError('invalid_commit', `${COMMIT_ID_FIELD} is not for documents to use`);
  return stored;
}

export function toSnapshot<T>(snapshot: SDK.DocumentSnapshot, { ttlField }: Collection<object>): Snapshot<T> {
  const data = snapshot.data() ?? {};
  // A constant, and the SDK makes a new object for each call of data().
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
  delete data[COMMIT_ID_FIELD];
  if (ttlField !== undefined && data[ttlField] !== undefined)
    data[ttlField] = (data[ttlField] as SDK.Timestamp).toDate().toISOString();
  const { updateTime } = snapshot;
  if (updateTime === undefined) throw new Error('Firestore answered without an update time');
  return { id: fromDocumentId(snapshot.id), data: data as T, version: toVersion(updateTime) };
}
