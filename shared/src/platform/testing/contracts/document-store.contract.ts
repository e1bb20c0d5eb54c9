import { describe, expect, test } from '@jest/globals';
import { ConflictError, PermanentError } from '../../ports/errors.ts';
import { InvalidCursorError } from '../../validation/cursor.ts';
import {
  createDocument,
  deleteDocument,
  updateDocument,
  type DocumentStore,
  type Page,
  type Query,
  type Snapshot,
} from '../../ports/document-store.ts';
import type { Collection, Topology } from '../../ports/topology-types.ts';
import { eventually } from '../eventually.ts';
import { crash, freshSuffix, withBackend, type ContractHarness } from './harness.ts';
import { ofNobody } from '../of-nobody.ts';

// What every DocumentStore must do (ports/document-store.ts). It cannot prove durability against a loss of power, that
// a query never reads more than it returns, or limits of throughput (Firestore: about one write a second to one
// document).

interface Thing {
  readonly [field: string]: unknown;
}

interface StoreTopology extends Topology {
  readonly things: Collection<Thing>;
  readonly others: Collection<Thing>;
  readonly expiring: Collection<Thing>;
}

function storeTopology(): StoreTopology {
  const suffix = freshSuffix();
  const things: Collection<Thing> = {
    name: `things_${suffix}`,
    ...ofNobody,
    indexes: [
      { where: ['kind'], orderBy: 'rank' },
      { where: ['kind', 'open'], orderBy: 'rank' },
      { where: [], orderBy: 'label' },
    ],
  };
  // A name that starts like the other one's.
  const others: Collection<Thing> = {
    name: `${things.name}_more`,
    ...ofNobody,
    indexes: [{ where: ['kind'], orderBy: 'rank' }],
  };
  const expiring: Collection<Thing> = {
    name: `expiring_${suffix}`,
    ...ofNobody,
    indexes: [{ where: ['kind'], orderBy: 'rank' }],
    ttlField: 'expiresAt',
  };
  return {
    topics: [],
    subscriptions: [],
    queues: [],
    collections: [things, others, expiring],
    things,
    others,
    expiring,
  };
}

async function read(store: DocumentStore, collection: Collection<Thing>, id: string): Promise<Snapshot<Thing>> {
  const snapshot = await store.get(collection, id);
  if (snapshot === undefined) throw new Error(`No document ${id}`);
  return snapshot;
}

async function pages(store: DocumentStore, query: Query<Thing>): Promise<string[][]> {
  const result: string[][] = [];
  let page: Page<Thing> | undefined;
  do {
    page = await store.query(page?.nextCursor === undefined ? query : { ...query, cursor: page.nextCursor });
    result.push(page.documents.map((document) => document.id));
    if (result.length > 100) throw new Error('The cursors go round in circles');
  } while (page.nextCursor !== undefined);
  return result;
}

export function documentStoreContract(harness: ContractHarness): void {
  const crashTest = harness.canCrash ? test : test.skip;
  const withStore = (run: (store: DocumentStore, topology: StoreTopology) => Promise<void>): Promise<void> =>
    withBackend(harness, storeTopology(), (backend, topology) => run(backend.store, topology));

  describe(`document store on ${harness.name}`, () => {
    test('a created document is read back; one that was never created is undefined', async () => {
      await withStore(async (store, { things, others }) => {
        await store.commit([createDocument(things, 'a', { n: 1 })]);
        expect(await store.get(things, 'a')).toMatchObject({ id: 'a', data: { n: 1 } });
        expect(await store.get(things, 'b')).toBeUndefined();
        expect(await store.get(others, 'a')).toBeUndefined();
      });
    });

    test('creating what exists is a conflict and leaves it alone', async () => {
      await withStore(async (store, { things }) => {
        await store.commit([createDocument(things, 'a', { n: 1 })]);
        const before = await read(store, things, 'a');
        await expect(store.commit([createDocument(things, 'a', { n: 2 })])).rejects.toBeInstanceOf(ConflictError);
        expect(await read(store, things, 'a')).toEqual(before);
      });
    });

    test('an update replaces the whole document, once for each version that was read', async () => {
      await withStore(async (store, { things }) => {
        await store.commit([createDocument(things, 'a', { n: 1, gone: true })]);
        const first = await read(store, things, 'a');
        await store.commit([updateDocument(things, first, { n: 2 })]);
        expect((await read(store, things, 'a')).data).toEqual({ n: 2 });
        await expect(store.commit([updateDocument(things, first, { n: 3 })])).rejects.toBeInstanceOf(ConflictError);
        expect((await read(store, things, 'a')).data).toEqual({ n: 2 });
      });
    });

    test('updating what is gone is a conflict; deleting it is not', async () => {
      await withStore(async (store, { things }) => {
        await store.commit([createDocument(things, 'a', { n: 1 })]);
        const before = await read(store, things, 'a');
        await store.commit([deleteDocument(things, 'a')]);
        expect(await store.get(things, 'a')).toBeUndefined();
        await expect(store.commit([updateDocument(things, before, { n: 2 })])).rejects.toBeInstanceOf(ConflictError);
        await store.commit([deleteDocument(things, 'a')]);
        expect(await store.get(things, 'a')).toBeUndefined();
      });
    });

    test('a commit with one conflict writes nothing at all', async () => {
      await withStore(async (store, { things, others }) => {
        await store.commit([
          createDocument(things, 'taken', { n: 1 }),
          createDocument(things, 'doomed', { n: 1 }),
          createDocument(others, 'old', { n: 1 }),
        ]);
        const old = await read(store, others, 'old');
        await expect(
          store.commit([
            createDocument(things, 'new', { n: 2 }),
            updateDocument(others, old, { n: 2 }),
            deleteDocument(things, 'doomed'),
            createDocument(things, 'taken', { n: 2 }),
          ]),
        ).rejects.toBeInstanceOf(ConflictError);
        expect(await store.get(things, 'new')).toBeUndefined();
        expect(await read(store, others, 'old')).toEqual(old);
        expect((await read(store, things, 'doomed')).data).toEqual({ n: 1 });
      });
    });

    test('a commit over several collections is there as a whole', async () => {
      await withStore(async (store, { things, others }) => {
        await store.commit([createDocument(things, 'a', { n: 1 }), createDocument(others, 'a', { n: 2 })]);
        const a = await read(store, things, 'a');
        await store.commit([
          updateDocument(things, a, { n: 3 }),
          deleteDocument(others, 'a'),
          createDocument(others, 'b', { n: 4 }),
        ]);
        expect((await read(store, things, 'a')).data).toEqual({ n: 3 });
        expect(await store.get(others, 'a')).toBeUndefined();
        expect((await read(store, others, 'b')).data).toEqual({ n: 4 });
      });
    });

    test('of many concurrent creates of one document, exactly one wins', async () => {
      await withStore(async (store, { things }) => {
        const results = await Promise.allSettled(
          Array.from({ length: 20 }, (_, n) => store.commit([createDocument(things, 'a', { n })])),
        );
        const winners = results.flatMap((result, n) => (result.status === 'fulfilled' ? [n] : []));
        expect(winners).toHaveLength(1);
        for (const result of results)
          if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ConflictError);
        expect((await read(store, things, 'a')).data).toEqual({ n: winners[0] });
      });
    });

    test('concurrent read-modify-write with a retry on conflict loses no increment', async () => {
      await withStore(async (store, { things }) => {
        await store.commit([createDocument(things, 'counter', { n: 0 })]);
        const increment = async (): Promise<void> => {
          for (;;) {
            const counter = await read(store, things, 'counter');
            try {
              await store.commit([updateDocument(things, counter, { n: Number(counter.data['n']) + 1 })]);
              return;
            } catch (error) {
              if (!(error instanceof ConflictError)) throw error;
            }
          }
        };
        await Promise.all(Array.from({ length: 8 }, increment));
        expect((await read(store, things, 'counter')).data).toEqual({ n: 8 });
      });
    });

    test('values come out as they went in, without properties that are undefined', async () => {
      await withStore(async (store, { things }) => {
        const data = {
          text: 'Grüße, नमस्ते, 👩‍👩‍👧‍👦, " \' \\ \n \u2028',
          number: 1.5,
          large: 9_007_199_254_740_991,
          negative: -1,
          yes: true,
          no: false,
          nothing: null,
          empty: {},
          list: ['a', 1, null, { deep: [{ er: 'x' }].map((entry) => entry.er) }],
          nested: { 'odd key ✓': { a: { b: '' } } },
        };
        await store.commit([
          createDocument(things, 'a', { ...data, missing: undefined, nested: { ...data.nested, missing: undefined } }),
        ]);
        const stored = (await read(store, things, 'a')).data;
        expect(stored).toEqual(data);
        expect('missing' in stored).toBe(false);
        expect('missing' in (stored['nested'] as object)).toBe(false);
      });
    });

    test('what was read or committed does not change when the caller changes its object later', async () => {
      await withStore(async (store, { things }) => {
        const data = { list: ['a'] };
        const committing = store.commit([createDocument(things, 'a', data)]);
        data.list.push('b');
        await committing;
        const first = (await read(store, things, 'a')).data;
        expect(first).toEqual({ list: ['a'] });
        (first['list'] as string[]).push('c');
        expect((await read(store, things, 'a')).data).toEqual({ list: ['a'] });
      });
    });

    test('a version changes with every write and never returns, not even after delete and create', async () => {
      await withStore(async (store, { things }) => {
        const versions: string[] = [];
        await store.commit([createDocument(things, 'a', { n: 0 })]);
        for (let n = 0; n < 3; n += 1) {
          const first = await read(store, things, 'a');
          versions.push(first.version);
          // The same content: still another version.
          await store.commit([updateDocument(things, first, first.data)]);
          versions.push((await read(store, things, 'a')).version);
          await store.commit([deleteDocument(things, 'a')]);
          await store.commit([createDocument(things, 'a', { n: 0 })]);
          await expect(store.commit([updateDocument(things, first, { n: 9 })])).rejects.toBeInstanceOf(ConflictError);
        }
        expect(new Set(versions).size).toBe(versions.length);
      });
    });

    test('ids that look alike or odd are different documents', async () => {
      await withStore(async (store, { things }) => {
        const ids = [
          'a',
          'A',
          'a ',
          ' a',
          'ab',
          'a%',
          'a_',
          'a*',
          "a'",
          'a"',
          'a\\',
          'a.b',
          'ä',
          'a\u0308',
          '👋',
          '?',
          '#',
          '%2F',
          'x'.repeat(400),
        ];
        await store.commit(ids.map((id) => createDocument(things, id, { id })));
        for (const id of ids) expect(await store.get(things, id)).toMatchObject({ id, data: { id } });
        await store.commit([deleteDocument(things, 'a')]);
        expect(await store.get(things, 'a')).toBeUndefined();
        for (const id of ids.slice(1)) expect(await store.get(things, id)).toMatchObject({ id });
      });
    });

    test('a page is ordered by field, then by id, in either direction', async () => {
      await withStore(async (store, { things, others }) => {
        const ranks = { e: 3, b: 10, a: 10, d: 2.5, c: -1, f: 1e17, g: 1e17 };
        await store.commit([
          ...Object.entries(ranks).map(([id, rank]) => createDocument(things, id, { kind: 'x', rank })),
          createDocument(things, 'other kind', { kind: 'y', rank: 1 }),
          createDocument(things, 'no rank', { kind: 'x' }),
          createDocument(others, 'other collection', { kind: 'x', rank: 1 }),
        ]);
        const ascending: Query<Thing> = {
          collection: things,
          where: { kind: 'x' },
          orderBy: { field: 'rank', direction: 'ascending' },
          limit: 10,
        };
        expect(await pages(store, ascending)).toEqual([['c', 'd', 'e', 'a', 'b', 'f', 'g']]);
        const descending: Query<Thing> = { ...ascending, orderBy: { field: 'rank', direction: 'descending' } };
        expect(await pages(store, descending)).toEqual([['g', 'f', 'b', 'a', 'e', 'd', 'c']]);
        expect((await pages(store, { ...descending, limit: 1 })).flat()).toEqual(['g', 'f', 'b', 'a', 'e', 'd', 'c']);
        expect((await store.query({ ...ascending, limit: 1 })).documents).toMatchObject([
          { id: 'c', data: { kind: 'x', rank: -1 } },
        ]);
        expect(await pages(store, { ...ascending, where: { kind: 'z' } })).toEqual([[]]);
      });
    });

    test('a query may ask for a range of its order field: from this on, and before that', async () => {
      await withStore(async (store, { things }) => {
        const times = {
          a: '2026-01-01T00:00:00.000Z',
          b: '2026-01-02T00:00:00.000Z',
          c: '2026-01-02T00:00:00.000Z',
          d: '2026-01-03T00:00:00.000Z',
          e: '2026-01-04T00:00:00.000Z',
        };
        await store.commit([
          ...Object.entries(times).map(([id, label]) => createDocument(things, id, { label })),
          createDocument(things, 'none', { kind: 'x' }),
        ]);
        const idsIn = (
          bounds: { readonly from?: string; readonly before?: string },
          direction: 'ascending' | 'descending' = 'ascending',
          limit = 10,
        ): Promise<readonly (readonly string[])[]> =>
          pages(store, { collection: things, where: {}, orderBy: { field: 'label', direction, ...bounds }, limit });
        expect(await idsIn({ from: times.b })).toEqual([['b', 'c', 'd', 'e']]);
        expect(await idsIn({ before: times.d })).toEqual([['a', 'b', 'c']]);
        expect(await idsIn({ from: times.b, before: times.e })).toEqual([['b', 'c', 'd']]);
        expect(await idsIn({ from: times.b, before: times.e }, 'descending', 2)).toEqual([['d', 'c'], ['b']]);
        expect(await idsIn({ from: times.e, before: times.a })).toEqual([[]]);
        // A bound may move with the time between two pages.
        const bounded: Query<Thing> = {
          collection: things,
          where: {},
          orderBy: { field: 'label', direction: 'ascending', before: times.d },
          limit: 2,
        };
        const { nextCursor = '' } = await store.query(bounded);
        const next = await store.query({
          ...bounded,
          orderBy: { ...bounded.orderBy, before: times.e },
          cursor: nextCursor,
        });
        expect(next.documents.map(({ id }) => id)).toEqual(['c', 'd']);
      });
    });

    test('cursors walk through all documents once, across equal values, in either direction', async () => {
      await withStore(async (store, { things }) => {
        const ids = Array.from({ length: 10 }, (_, n) => `id-${n}`);
        await store.commit(ids.map((id, n) => createDocument(things, id, { label: n < 5 ? 'ä' : 'z', n })));
        const query: Query<Thing> = {
          collection: things,
          where: {},
          orderBy: { field: 'label', direction: 'ascending' },
          limit: 3,
        };
        // By code point, so z comes before ä.
        const expected = [...ids.slice(5), ...ids.slice(0, 5)];
        expect((await pages(store, query)).flat()).toEqual(expected);
        const descending: Query<Thing> = { ...query, orderBy: { field: 'label', direction: 'descending' } };
        expect((await pages(store, descending)).flat()).toEqual(expected.toReversed());
        // A last page that is full has no cursor to an empty one.
        expect((await store.query({ ...query, limit: 10 })).nextCursor).toBeUndefined();
      });
    });

    test('equality tells types apart, and all of its fields count', async () => {
      await withStore(async (store, { things }) => {
        await store.commit([
          createDocument(things, 'true', { kind: 'x', open: true, rank: 1 }),
          createDocument(things, 'false', { kind: 'x', open: false, rank: 2 }),
          createDocument(things, 'one', { kind: 'x', open: 1, rank: 3 }),
          createDocument(things, 'text', { kind: 'x', open: 'true', rank: 4 }),
          createDocument(things, 'y', { kind: 'y"\'', open: true, rank: 5 }),
        ]);
        const query: Query<Thing> = {
          collection: things,
          where: { open: true, kind: 'x' },
          orderBy: { field: 'rank', direction: 'ascending' },
          limit: 10,
        };
        expect(await pages(store, query)).toEqual([['true']]);
        expect(await pages(store, { ...query, where: { kind: 'x', open: 1 } })).toEqual([['one']]);
        expect(await pages(store, { ...query, where: { kind: 'x', open: 'true' } })).toEqual([['text']]);
        expect(await pages(store, { ...query, where: { kind: 'y"\'', open: true } })).toEqual([['y']]);
      });
    });

    test('a query sees every commit that was resolved before it', async () => {
      await withStore(async (store, { things }) => {
        const query: Query<Thing> = {
          collection: things,
          where: { kind: 'x' },
          orderBy: { field: 'rank', direction: 'ascending' },
          limit: 10,
        };
        await store.commit([
          createDocument(things, 'a', { kind: 'x', rank: 1 }),
          createDocument(things, 'b', { kind: 'x', rank: 2 }),
        ]);
        expect(await pages(store, query)).toEqual([['a', 'b']]);
        await store.commit([updateDocument(things, await read(store, things, 'a'), { kind: 'x', rank: 3 })]);
        expect(await pages(store, query)).toEqual([['b', 'a']]);
        await store.commit([
          deleteDocument(things, 'b'),
          updateDocument(things, await read(store, things, 'a'), { kind: 'y', rank: 3 }),
        ]);
        expect(await pages(store, query)).toEqual([[]]);
      });
    });

    test('count says how many documents match', async () => {
      await withStore(async (store, { things, others }) => {
        await store.commit([
          ...Array.from({ length: 7 }, (_, n) =>
            createDocument(things, `x-${n}`, { kind: 'x', rank: n, open: n % 2 === 0 }),
          ),
          createDocument(things, 'y', { kind: 'y', rank: 1 }),
          createDocument(others, 'x', { kind: 'x', rank: 1 }),
        ]);
        expect(await store.count({ collection: things, where: { kind: 'x' } })).toBe(7);
        expect(await store.count({ collection: things, where: { kind: 'x', open: true } })).toBe(4);
        expect(await store.count({ collection: things, where: { kind: 'z' } })).toBe(0);
      });
    });

    test('a query or count that no declared index serves is refused', async () => {
      await withStore(async (store, { things }) => {
        const query: Query<Thing> = {
          collection: things,
          where: { kind: 'x' },
          orderBy: { field: 'rank', direction: 'ascending' },
          limit: 10,
        };
        const refused: Query<Thing>[] = [
          { ...query, where: { colour: 'red' } },
          { ...query, where: {} },
          { ...query, where: { kind: 'x', open: true, more: 1 } },
          { ...query, orderBy: { field: 'label', direction: 'ascending' } },
          { ...query, limit: 0 },
          { ...query, limit: 1_001 },
        ];
        for (const bad of refused) await expect(store.query(bad)).rejects.toBeInstanceOf(PermanentError);
        await expect(store.count({ collection: things, where: { colour: 'red' } })).rejects.toBeInstanceOf(
          PermanentError,
        );
      });
    });

    test('a cursor that is damaged, or of another query, is refused', async () => {
      await withStore(async (store, { things }) => {
        await store.commit(
          Array.from({ length: 3 }, (_, n) => createDocument(things, `x-${n}`, { kind: 'x', rank: n, open: true })),
        );
        const query: Query<Thing> = {
          collection: things,
          where: { kind: 'x' },
          orderBy: { field: 'rank', direction: 'ascending' },
          limit: 2,
        };
        const cursor = (await store.query(query)).nextCursor;
        if (cursor === undefined) throw new Error('There is a second page');
        expect((await store.query({ ...query, cursor })).documents.map(({ id }) => id)).toEqual(['x-2']);
        for (const bad of ['', 'nonsense', '🤔', cursor.slice(0, -4)]) {
          await expect(store.query({ ...query, cursor: bad })).rejects.toBeInstanceOf(InvalidCursorError);
        }
        await expect(store.query({ ...query, where: { kind: 'x', open: true }, cursor })).rejects.toBeInstanceOf(
          InvalidCursorError,
        );
      });
    });

    test('commits, ids and documents outside the limits are refused', async () => {
      await withStore(async (store, { things }) => {
        const many = Array.from({ length: 501 }, (_, n) => createDocument(things, `n-${n}`, { n }));
        await store.commit(many.slice(0, 500));
        await store.commit(many.slice(0, 500).map((write) => deleteDocument(things, write.id)));
        const refused = [
          [],
          many,
          [createDocument(things, 'a', {}), deleteDocument(things, 'a')],
          ...['a/b', '', '😀'.repeat(400)].map((id) => [createDocument(things, id, {})]),
        ];
        refused.push(
          [createDocument(things, 'large', { text: 'x'.repeat(1_000_000) })],
          [createDocument(things, 'nested', { list: [[1]] })],
          [createDocument(things, 'named', { a: { __b__: 1 } })],
        );
        for (const writes of refused) await expect(store.commit(writes)).rejects.toBeInstanceOf(PermanentError);
        expect(await store.get(things, 'n-0')).toBeUndefined();
      });
    });

    test('the time in a TTL field comes back as it was written, and a document without one stays', async () => {
      await withBackend(harness, storeTopology(), async ({ store }, { expiring }) => {
        const dated = { kind: 'k', rank: 1, expiresAt: '2999-12-31T23:59:59.007Z' };
        await store.commit([
          createDocument(expiring, 'dated', dated),
          createDocument(expiring, 'undated', { kind: 'k', rank: 2 }),
        ]);
        expect((await read(store, expiring, 'dated')).data).toEqual(dated);
        expect((await read(store, expiring, 'undated')).data).toEqual({ kind: 'k', rank: 2 });
        const later = { ...dated, expiresAt: '2999-12-31T23:59:59.999Z' };
        await store.commit([updateDocument(expiring, await read(store, expiring, 'dated'), later)]);
        const page = await store.query({
          collection: expiring,
          where: { kind: 'k' },
          orderBy: { field: 'rank', direction: 'ascending' },
          limit: 10,
        });
        expect(page.documents.map(({ data }) => data)).toEqual([later, { kind: 'k', rank: 2 }]);
        for (const expiresAt of ['tomorrow', '2999-12-31', '2999-13-31T23:59:59.007Z', 7, null]) {
          await expect(store.commit([createDocument(expiring, 'wrong', { expiresAt })])).rejects.toBeInstanceOf(
            PermanentError,
          );
        }
      });
    });

    test('a document whose time has passed counts as absent before it is deleted', async () => {
      await withBackend(harness, storeTopology(), async ({ store }, { expiring }) => {
        const expiresAt = new Date(Date.now() + 1_500).toISOString();
        await store.commit([
          createDocument(expiring, 'a', { kind: 'k', rank: 1, expiresAt }),
          createDocument(expiring, 'b', { kind: 'k', rank: 2, expiresAt }),
        ]);
        await eventually(async () => (await store.get(expiring, 'a')) === undefined);
        const query = {
          collection: expiring,
          where: { kind: 'k' },
          orderBy: { field: 'rank', direction: 'ascending' },
          limit: 10,
        } as const;
        expect(await store.query(query)).toEqual({ documents: [], nextCursor: undefined });
        const again = { kind: 'k', rank: 3, expiresAt: '2999-12-31T23:59:59.007Z' };
        const results = await Promise.allSettled(
          Array.from({ length: 5 }, (_, n) =>
            store.commit([createDocument(expiring, 'b', { ...again, n }), createDocument(expiring, `of-${n}`, again)]),
          ),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const result of results)
          if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ConflictError);
        expect((await read(store, expiring, 'b')).data).toMatchObject(again);
        expect((await store.query(query)).documents.map(({ id }) => id)).toHaveLength(2);
      });
    });

    crashTest('a resolved commit is there after a crash, and versions from before it do not return', async () => {
      await withBackend(harness, storeTopology(), async (backend, { things }, opened) => {
        await backend.store.commit([createDocument(things, 'a', { n: 1 }), createDocument(things, 'b', { n: 1 })]);
        const before = await read(backend.store, things, 'a');
        await backend.store.commit([deleteDocument(things, 'a')]);

        const store = (await crash(opened)).store;
        expect(await store.get(things, 'a')).toBeUndefined();
        expect((await read(store, things, 'b')).data).toEqual({ n: 1 });
        await store.commit([createDocument(things, 'a', { n: 1 })]);
        expect((await read(store, things, 'a')).version).not.toBe(before.version);
        await expect(store.commit([updateDocument(things, before, { n: 2 })])).rejects.toBeInstanceOf(ConflictError);
      });
    });
  });
}
