import { PermanentError } from '../../ports/errors.ts';
import type { Collection } from '../../ports/topology-types.ts';
import { checkDocumentSize, checkExpiry, checkId } from '../document-rules.ts';
import { callOptions } from './call-limits.ts';
import {
  COMMIT_ID_FIELD,
  DEFAULT_DATABASE,
  loadFirestore,
  reference,
  toSnapshot,
  toStored,
  type FirestoreOptions,
  type Loaded,
} from './firestore-document-store.ts';
import { toFirestoreWrite } from './firestore-writes.ts';
import { LazyClient } from './lazy-client.ts';
import { toPortError } from './port-error.ts';

export interface ImportedDocument {
  readonly id: string;
  readonly data: object;
}

export interface FoundDocument extends ImportedDocument {
  readonly version: string;
  /** Nobody has written it since this import did, or an earlier one of the same writer. */
  readonly isOurs: boolean;
}

/** https://cloud.google.com/firestore/docs/reference/rpc/google.rpc#google.rpc.Code */
const OK = 0;
const UNKNOWN = 2;
const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;
const OUTCOMES: ReadonlySet<number> = new Set([OK, ALREADY_EXISTS, FAILED_PRECONDITION]);

/**
 * Documents of another store, many at a time and in the form of FirestoreDocumentStore, which reads and writes them
 * from then on. Nothing that somebody else has written is overwritten. Each call may be repeated: what was done already
 * is found done.
 */
export class FirestoreImport {
  readonly #client: LazyClient<Loaded>;
  readonly #database: string;
  readonly #commitId: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** `writer` tells what this import has written; one for each store that documents come from. */
  constructor(options: FirestoreOptions, writer: string) {
    this.#commitId = writer;
    // The emulator takes these writes from an administrator only, which this makes of anybody.
    this.#headers = options.emulatorHost === undefined ? {} : { Authorization: 'Bearer owner' };
    this.#database = `projects/${options.projectId}/databases/${options.database ?? DEFAULT_DATABASE}`;
    this.#client = new LazyClient(
      () => loadFirestore(options),
      ({ firestore, writer: commits }) => Promise.all([firestore.terminate(), commits.close()]),
    );
  }

  /**
   * Creates those that are not there.
   * @returns the ids of the others.
   * @throws RetryableError when Firestore did not confirm every write; PermanentError when it never will.
   */
  create(collection: Collection<object>, documents: readonly ImportedDocument[]): Promise<readonly string[]> {
    return this.#write(
      collection,
      documents.map((document) => ({ ...document, kind: 'create' })),
    );
  }

  /** Replaces what is unchanged since it was found. @returns the ids of the others. @throws as create */
  replace(
    collection: Collection<object>,
    documents: readonly (ImportedDocument & { readonly ifVersion: string })[],
  ): Promise<readonly string[]> {
    return this.#write(
      collection,
      documents.map((document) => ({ ...document, kind: 'update' })),
    );
  }

  /** Those that are there, by id; also when their time has passed. @throws RetryableError, PermanentError */
  async find(collection: Collection<object>, ids: readonly string[]): Promise<ReadonlyMap<string, FoundDocument>> {
    if (ids.length === 0) return new Map();
    const snapshots = await this.#client.call(`Reading from ${collection.name}`, ({ firestore }) =>
      firestore.getAll(...ids.map((id) => reference(firestore, collection.name, id))),
    );
    const found = snapshots
      .filter(({ exists }) => exists)
      .map((snapshot) => ({
        ...toSnapshot<object>(snapshot, collection),
        isOurs: snapshot.get(COMMIT_ID_FIELD) === this.#commitId,
      }));
    return new Map(found.map((document) => [document.id, document]));
  }

  /** How many are there, `most` at most: counting takes its time, and a call has an end. @throws RetryableError */
  async count(collection: Collection<object>, most: number): Promise<number> {
    const result = await this.#client.call(`Counting ${collection.name}`, ({ firestore }) =>
      firestore.collection(collection.name).limit(most).count().get(),
    );
    return result.data().count;
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #write(
    collection: Collection<object>,
    documents: readonly (ImportedDocument &
      ({ readonly kind: 'create' } | { readonly kind: 'update'; readonly ifVersion: string }))[],
  ): Promise<readonly string[]> {
    if (documents.length === 0) return [];
    const writes = documents.map((document) => {
      checkId(document.id);
      checkDocumentSize(JSON.stringify(document.data));
      checkExpiry(collection, document.data);
      return toFirestoreWrite(
        this.#database,
        { ...document, collection: collection.name },
        { ...toStored(document.data), [COMMIT_ID_FIELD]: this.#commitId },
        collection.ttlField,
      );
    });
    const what = `Writing to ${collection.name}`;
    // Not one transaction: each write succeeds or fails by itself, and Firestore works on them side by side.
    const [{ status }] = await this.#client.call(what, ({ writer }) =>
      writer.batchWrite(
        { database: this.#database, writes },
        { ...callOptions(), otherArgs: { headers: this.#headers } },
      ),
    );
    const codes = documents.map(({ id }, index) => ({
      id,
      code: status?.[index]?.code ?? UNKNOWN,
      message: status?.[index]?.message ?? 'no status',
    }));
    const failures = codes
      .filter(({ code }) => !OUTCOMES.has(code))
      .map(({ code, message }) => toPortError(what, Object.assign(new Error(message), { code })));
    const failure: Error | undefined = failures.find((error) => error instanceof PermanentError) ?? failures[0];
    if (failure !== undefined) throw failure;
    return codes.filter(({ code }) => code !== OK).map(({ id }) => id);
  }
}
