import type { Clock } from '../platform/ports/clock.ts';
import type { DocumentStore, Page } from '../platform/ports/document-store.ts';
import type { Collection } from '../platform/ports/topology-types.ts';

/** Two machines may write `updatedAt` by clocks that differ: for so long, what changed shortly before is read again. */
const CLOCKS_DIFFER_MS = 60_000;
const PAGE = 1_000;

interface Known<T> {
  readonly byId: ReadonlyMap<string, T>;
  readonly versions: ReadonlyMap<string, string>;
  /** `updatedAt` of the last change, and when it was seen here. */
  readonly newest: string;
  readonly newestSeenAtMs: number;
}

/**
 * A collection of few documents, all of them in memory. Each reading asks only for what has changed since the one
 * before, by `updatedAt`. Documents of it are never deleted, and a change is never older than the one before.
 */
export class RecentDocuments<T extends { readonly updatedAt: string }> {
  readonly #collection: Collection<T>;
  readonly #store: DocumentStore;
  readonly #clock: Clock;
  #last: Known<T> = { byId: new Map(), versions: new Map(), newest: '', newestSeenAtMs: -Infinity };

  constructor(collection: Collection<T>, { store, clock }: { readonly store: DocumentStore; readonly clock: Clock }) {
    this.#collection = collection;
    this.#store = store;
    this.#clock = clock;
  }

  /** All of them by their ids. What has not changed is the same object as before. @throws RetryableError */
  async read(): Promise<ReadonlyMap<string, T>> {
    const from = this.#unreadFrom();
    const byId = new Map(this.#last.byId);
    const versions = new Map(this.#last.versions);
    let { newest } = this.#last;
    let cursor: string | undefined;
    do {
      const page: Page<T> = await this.#store.query({
        collection: this.#collection,
        where: {},
        orderBy: { field: 'updatedAt', direction: 'ascending', from },
        limit: PAGE,
        cursor,
      });
      for (const { id, data, version } of page.documents) {
        if (versions.get(id) !== version) byId.set(id, data);
        versions.set(id, version);
        newest = data.updatedAt;
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const newestSeenAtMs = newest === this.#last.newest ? this.#last.newestSeenAtMs : this.#clock.monotonicMs();
    this.#last = { byId, versions, newest, newestSeenAtMs };
    return byId;
  }

  #unreadFrom(): string | undefined {
    const { newest, newestSeenAtMs } = this.#last;
    const isRecent = this.#clock.monotonicMs() - newestSeenAtMs < CLOCKS_DIFFER_MS;
    if (newest === '') return undefined;
    if (!isRecent) return newest;
    return new Date(Date.parse(newest) - CLOCKS_DIFFER_MS).toISOString();
  }
}
