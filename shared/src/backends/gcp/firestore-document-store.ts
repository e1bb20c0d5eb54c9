import { randomUUID } from 'node:crypto';
import type * as SDK from '@google-cloud/firestore';
import { PermanentError } from '../../delivery/errors.ts';
import type { DocumentStore, Page, Query, Snapshot, Write } from '../../ports/document-store.ts';
import type { Collection, Topology } from '../../topology-types.ts';
import { checkDocumentSize, checkId, checkLimit, checkWrites, declaredCollections, decodeCursor, encodeCursor, findIndex } from '../document-rules.ts';
import { callOptions } from './call-limits.ts';
import { connectionOptions, noMetadataServer } from './connection.ts';
import { firestoreGrpcOptions } from './firestore-grpc-options.ts';
import { fromDocumentId, toDocumentId } from './firestore-document-id.ts';
import { toVersion } from './firestore-version.ts';
import { toFirestoreWrite } from './firestore-writes.ts';
import { LazyClient } from './lazy-client.ts';

export interface FirestoreOptions {
  readonly projectId: string;
  readonly emulatorHost: string | undefined;
}

/**
 * In every document, another value with every write: Firestore does not change the update time of a document whose write
 * changed nothing, and two writers of the same content would both win. Never seen outside, and not indexed.
 */
const COMMIT_ID_FIELD = '_commitId';

const ABORTED = 10;

/** The SDK and its clients: all are loaded with the first call. */
interface Loaded {
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
  readonly #declared: (name: string) => Collection<object>;

  constructor(options: FirestoreOptions, topology: Topology) {
    this.#declared = declaredCollections(topology.collections);
    this.#database = `projects/${options.projectId}/databases/(default)`;
    this.#client = new LazyClient(
      () => load(options),
      ({ firestore, writer }) => Promise.all([firestore.terminate(), writer.close()]),
    );
  }

  async get<T extends object>(collection: Collection<T>, id: string): Promise<Snapshot<T> | undefined> {
    this.#declared(collection.name);
    checkId(id);
    const snapshot = await this.#client.call(`Reading from ${collection.name}`, ({ firestore }) => reference(firestore, collection.name, id).get());
    return snapshot.exists ? toSnapshot<T>(snapshot) : undefined;
  }

  async commit(writes: readonly Write[]): Promise<void> {
    checkWrites(writes);
    for (const write of writes) {
      this.#declared(write.collection);
      if (write.kind !== 'delete') checkDocumentSize(JSON.stringify(write.data));
    }
    const commitId = randomUUID();
    // Copied before the first wait: what the caller does to its object later is not part of the commit.
    const request = {
      database: this.#database,
      writes: writes.map((write) => {
        const data = write.kind === 'delete' ? {} : { ...toStored(write.data), [COMMIT_ID_FIELD]: commitId };
        return toFirestoreWrite(this.#database, write, data);
      }),
    };
    const what = `Writing to ${[...new Set(writes.map((write) => write.collection))].join(' and ')}`;
    await this.#client.call(what, ({ writer }) => writer.commit(request, commitOptions()), 'commit');
  }

  async query<T extends object>(query: Query<T>): Promise<Page<T>> {
    const declared = this.#declared(query.collection.name);
    checkLimit(query.limit);
    findIndex(declared, query, query.orderBy.field);
    const cursor = query.cursor === undefined ? undefined : decodeCursor(query, query.cursor);
    const direction = query.orderBy.direction === 'ascending' ? 'asc' : 'desc';
    const { docs } = await this.#client.call(`Querying ${declared.name}`, ({ sdk, firestore }) => {
      const ordered = filtered(sdk, firestore.collection(declared.name), query.where)
        .orderBy(new sdk.FieldPath(query.orderBy.field), direction)
        .orderBy(sdk.FieldPath.documentId(), direction)
        // One more than asked for tells whether there is another page.
        .limit(query.limit + 1);
      return (cursor === undefined ? ordered : ordered.startAfter(cursor.orderValue, toDocumentId(cursor.id))).get();
    });
    const documents = docs.slice(0, query.limit).map((snapshot) => toSnapshot<T>(snapshot));
    const last = docs.length > query.limit ? documents.at(-1) : undefined;
    if (last === undefined) return { documents, nextCursor: undefined };
    const orderValue = (last.data as Record<string, unknown>)[query.orderBy.field];
    if (typeof orderValue !== 'string' && typeof orderValue !== 'number') {
      throw new PermanentError('invalid_query', `Pages can be ordered by texts and numbers only, and ${query.orderBy.field} is neither`);
    }
    return { documents, nextCursor: encodeCursor(query, { orderValue, id: last.id }) };
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

async function load({ projectId, emulatorHost }: FirestoreOptions): Promise<Loaded> {
  // Its `v1` is a getter, which named imports of a CommonJS module miss.
  const { default: sdk } = (await import('@google-cloud/firestore')) as unknown as { default: typeof SDK };
  const place = emulatorHost === undefined ? {} : { host: emulatorHost, ssl: false, ...noMetadataServer };
  const firestore = new sdk.Firestore({ projectId, ...place, ignoreUndefinedProperties: true, ...firestoreGrpcOptions });
  const writer = new sdk.v1.FirestoreClient(await connectionOptions(projectId, emulatorHost));
  return { sdk, firestore, writer };
}

/** ABORTED: another commit held the document, and nothing was written. The same commit may find it free, or its condition gone. */
function commitOptions(): ReturnType<typeof callOptions> {
  const options = callOptions();
  return { ...options, retry: { ...options.retry, retryCodes: [...options.retry.retryCodes, ABORTED] } };
}

function reference(firestore: SDK.Firestore, collection: string, id: string): SDK.DocumentReference {
  return firestore.collection(collection).doc(toDocumentId(id));
}

function filtered(sdk: typeof SDK, from: SDK.Query, where: Query<object>['where']): SDK.Query {
  return Object.entries(where).reduce((query, [field, value]) => query.where(new sdk.FieldPath(field), '==', value), from);
}

// Plain JSON, as on every backend; what is undefined goes.
function toStored(data: object): Record<string, unknown> {
  const stored = JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
  if (COMMIT_ID_FIELD in stored) throw new PermanentError('invalid_commit', `${COMMIT_ID_FIELD} is not for documents to use`);
  return stored;
}

function toSnapshot<T>(snapshot: SDK.DocumentSnapshot): Snapshot<T> {
  const data = snapshot.data() ?? {};
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a constant, and the SDK makes a new object for each call of data()
  delete data[COMMIT_ID_FIELD];
  const { updateTime } = snapshot;
  if (updateTime === undefined) throw new Error('Firestore answered without an update time');
  return { id: fromDocumentId(snapshot.id), data: data as T, version: toVersion(updateTime) };
}
