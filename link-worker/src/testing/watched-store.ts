import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

/** A store whose work can be waited for: on a manual clock nothing else says when a read or a write is over. */
export function watchStore(store: DocumentStore): {
  readonly store: DocumentStore;
  readonly settled: () => Promise<void>;
} {
  let underWay = 0;
  async function watched<T>(work: Promise<T>): Promise<T> {
    underWay += 1;
    try {
      return await work;
    } finally {
      underWay -= 1;
    }
  }
  return {
    store: {
      get: (collection, id) => watched(store.get(collection, id)),
      commit: (writes) => watched(store.commit(writes)),
      query: (query) => watched(store.query(query)),
      count: (query) => watched(store.count(query)),
    },
    /** Until no read or write is under way, and what waited for it has gone on. */
    settled: async () => {
      for (let idle = 0; idle < 6; idle = underWay === 0 ? idle + 1 : 0) await new Promise(setImmediate);
    },
  };
}
