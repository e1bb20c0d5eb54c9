import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openForTest, temporaryFolder } from '../backends/embedded/testing/embedded-for-test.ts';
import { ConflictError, PermanentError } from './errors.ts';
import { changeDocument, changeDocuments, createIfAbsent, withWrites } from './conditional-writes.ts';
import { createDocument, deleteDocument, type DocumentStore, type Snapshot, type Write } from './document-store.ts';
import type { Collection } from './topology-types.ts';
import { ofNobody } from '../testing/of-nobody.ts';

interface Counter {
  readonly n: number;
}

const counters: Collection<Counter> = { name: 'counters', ...ofNobody, indexes: [] };
const others: Collection<Counter> = { name: 'others', ...ofNobody, indexes: [] };

let folder: ReturnType<typeof temporaryFolder>;
let backend: ReturnType<typeof openForTest>;
let store: DocumentStore;

beforeEach(() => {
  folder = temporaryFolder();
  backend = openForTest(folder.path, { topics: [], subscriptions: [], queues: [], collections: [counters, others] });
  store = backend.store;
});

afterEach(async () => {
  await backend.close();
  folder[Symbol.dispose]();
});

const increased = (known: Counter | undefined): Counter => ({ n: (known?.n ?? 0) + 1 });

/** The store, where somebody else does this after each read. */
function storeWithRival(rival: () => Promise<unknown>): DocumentStore {
  return {
    get: async (collection, id) => {
      const read = await store.get(collection, id);
      await rival();
      return read;
    },
    commit: (writes) => store.commit(writes),
    query: (query) => store.query(query),
    count: (query) => store.count(query),
  };
}

async function counted(): Promise<number | undefined> {
  return (await store.get(counters, 'a'))?.data.n;
}

describe('createIfAbsent', () => {
  test('of two that create the same document at once, one is told that it has', async () => {
    const created = await Promise.all([1, 2].map((n) => createIfAbsent(store, counters, 'a', { n })));
    expect(created.filter((isNew) => isNew)).toHaveLength(1);
    expect(await counted()).toBe(created[0] === true ? 1 : 2);
  });

  test('anything but a conflict is thrown', async () => {
    await expect(createIfAbsent(store, counters, 'a/b', { n: 1 })).rejects.toBeInstanceOf(PermanentError);
  });
});

describe('changeDocument', () => {
  test('of several writers at once, none loses the change of another', async () => {
    await Promise.all([1, 2, 3, 4].map(() => changeDocument(store, counters, 'a', increased)));
    expect(await counted()).toBe(4);
  });

  test('it returns the document as changed, or as it was when there is nothing to do', async () => {
    expect(await changeDocument(store, counters, 'a', () => undefined)).toBeUndefined();
    expect(await changeDocument(store, counters, 'a', increased)).toEqual({ n: 1 });
    expect(await changeDocument(store, counters, 'a', () => undefined)).toEqual({ n: 1 });
  });

  test('after five commits that lost it gives up, and tells of the conflict', async () => {
    let commits = 0;
    const busy = storeWithRival(() => {
      commits += 1;
      return changeDocument(store, counters, 'a', increased);
    });
    await expect(changeDocument(busy, counters, 'a', () => ({ n: -1 }))).rejects.toBeInstanceOf(ConflictError);
    expect(commits).toBe(5);
    expect(await counted()).toBe(5);
  });

  test('it waits between its attempts as it is told', async () => {
    const waits: number[] = [];
    const busy = storeWithRival(() => changeDocument(store, counters, 'a', increased));
    const backoff = (attempt: number): Promise<void> => {
      waits.push(attempt);
      return Promise.resolve();
    };
    const change = changeDocument(busy, counters, 'a', increased, { attempts: 3, backoff });
    await expect(change).rejects.toBeInstanceOf(ConflictError);
    expect(waits).toEqual([1, 2]);
  });

  test('a document that is deleted meanwhile is not there for the change', async () => {
    await createIfAbsent(store, counters, 'a', { n: 1 });
    const seen: (number | undefined)[] = [];
    const deleting = storeWithRival(() => store.commit([deleteDocument(counters, 'a')]));
    await changeDocument(deleting, counters, 'a', (known) => {
      seen.push(known?.n);
      return known === undefined ? undefined : increased(known);
    });
    expect(seen).toEqual([1, undefined]);
    expect(await counted()).toBeUndefined();
  });

  test('from a snapshot, with one attempt, it writes only if nobody has written since', async () => {
    await createIfAbsent(store, counters, 'a', { n: 1 });
    const read = await store.get(counters, 'a');
    if (read === undefined) throw new Error('It is there');
    await changeDocument(store, counters, read, increased, { attempts: 1 });
    const late = changeDocument(store, counters, read, increased, { attempts: 1 });
    await expect(late).rejects.toBeInstanceOf(ConflictError);
    expect(await counted()).toBe(2);
  });

  test('from a snapshot, the first attempt reads nothing', async () => {
    await createIfAbsent(store, counters, 'a', { n: 1 });
    const read = await store.get(counters, 'a');
    let reads = 0;
    const counting = storeWithRival(() => Promise.resolve((reads += 1)));
    await changeDocument(counting, counters, read ?? 'a', increased);
    expect([reads, await counted()]).toEqual([0, 2]);
  });

  test('further documents are written with it, or neither', async () => {
    const withOther = (known: Counter | undefined) =>
      withWrites(increased(known), [createDocument(others, 'b', { n: 7 })]);
    await changeDocument(store, counters, 'a', withOther);
    expect((await store.get(others, 'b'))?.data).toEqual({ n: 7 });
    await expect(changeDocument(store, counters, 'a', withOther)).rejects.toBeInstanceOf(ConflictError);
    expect(await counted()).toBe(1);
  });

  test('further documents can be written alone', async () => {
    await changeDocument(store, counters, 'a', () => withWrites(undefined, [createDocument(others, 'b', { n: 7 })]));
    expect([await counted(), (await store.get(others, 'b'))?.data.n]).toEqual([undefined, 7]);
  });
});

describe('changeDocuments', () => {
  const all = async (): Promise<Snapshot<Counter>[]> => {
    const read = await Promise.all(['a', 'b', 'c'].map((id) => store.get(counters, id)));
    return read.filter((each) => each !== undefined);
  };

  beforeEach(() =>
    store.commit([
      createDocument(counters, 'a', { n: 1 }),
      createDocument(counters, 'b', { n: 1 }),
      createDocument(counters, 'c', { n: 9 }),
    ]),
  );

  test('changes them in one commit, and writes none that stays as it is', async () => {
    let commits = 0;
    const counting = {
      ...storeWithRival(() => Promise.resolve()),
      commit: (writes: readonly Write[]) => {
        commits += 1;
        return store.commit(writes);
      },
    };
    const change = (known: Counter): Counter => (known.n === 9 ? known : increased(known));
    expect(await changeDocuments(counting, counters, await all(), change)).toEqual([{ n: 2 }, { n: 2 }]);
    expect((await all()).map(({ data }) => data.n)).toEqual([2, 2, 9]);
    expect(commits).toBe(1);
  });

  test('one that somebody else has changed or deleted holds up none of the rest', async () => {
    const read = await all();
    await changeDocument(store, counters, 'a', () => ({ n: 5 }));
    await store.commit([deleteDocument(counters, 'c')]);
    expect(await changeDocuments(store, counters, read, increased)).toEqual([{ n: 6 }, { n: 2 }]);
    expect((await all()).map(({ data }) => data.n)).toEqual([6, 2]);
  });

  test('what another one has done already is not done again', async () => {
    const read = await all();
    const once = (known: Counter): Counter => (known.n === 1 ? increased(known) : known);
    const changed = await Promise.all([1, 2].map(() => changeDocuments(store, counters, read, once)));
    expect(changed.flat()).toHaveLength(2);
  });
});
