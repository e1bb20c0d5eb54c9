import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { Collection } from '@paid-community/shared/platform/ports/topology-types.ts';
import { ofNobody } from '@paid-community/shared/platform/testing/of-nobody.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { isKeyedByPurchase } from '../../purchases/purchase-documents.ts';
import { planRemoval } from './erase/erase-request.ts';
import { indexByTelegramUser } from './erase/erase-telegram-user.ts';

const holdsPeople = (collection: Collection<object>): boolean => Object.keys(collection.personalFields).length > 0;

/** An erasure finds its documents: by the purchase, or by the Telegram user. */
const isFound = (collection: Collection<object>): boolean =>
  isKeyedByPurchase(collection) || indexByTelegramUser(collection).length > 0;

describe.each(topology.collections.map((collection) => [collection.name, collection] as const))(
  '%s',
  (_, collection) => {
    test('is erased when it holds something about a person, and says why when it is kept', () => {
      const isKept = typeof collection.onErasure === 'object';
      expect(holdsPeople(collection)).toBe(!isKept);
      if (typeof collection.onErasure === 'object') expect(collection.onErasure.keep).not.toBe('');
      else expect([isFound(collection), collection.operatorWrites]).toEqual([true, expect.any(String)]);
    });
  },
);

test('tombstones are of what a purchase leads to', () => {
  const tombstones = topology.collections.filter(({ onErasure }) => onErasure === 'tombstone');
  expect(tombstones.map(({ name }) => name)).toEqual(['invite_requests', 'emissions']);
  expect(tombstones.every(isKeyedByPurchase)).toBe(true);
});

describe('a collection that only declares itself', () => {
  const notes: Collection<{ readonly userId: string }> = {
    ...ofNobody,
    name: 'notes',
    keyedBy: 'requestId',
    personalFields: { userId: 'userId' },
    onErasure: 'delete',
    indexes: [],
  };
  const purchase = { requestId: 'r1', generations: 1, lives: 1, links: [] };
  let opened: ReturnType<typeof openTemporaryBackend>;

  beforeEach(() => {
    opened = openTemporaryBackend(new ManualClock(), { ...topology, collections: [notes] });
  });

  afterEach(() => opened.close());

  test('loses its documents with their purchase', async () => {
    const { store } = opened.backend;
    await store.commit(['r1', 'r2'].map((id) => createDocument(notes, id, { userId: id })));
    const { erased, writes } = await planRemoval(purchase, [notes], store);
    expect(erased).toEqual({ notes: 1 });
    await store.commit(writes);
    expect([await store.get(notes, 'r1'), (await store.get(notes, 'r2'))?.id]).toEqual([undefined, 'r2']);
  });

  test('keeps them when it declares that', async () => {
    const { store } = opened.backend;
    await store.commit([createDocument(notes, 'r1', { userId: 'u' })]);
    const kept = { ...notes, onErasure: { keep: 'the law says so' } };
    expect((await planRemoval(purchase, [kept], store)).writes).toEqual([]);
  });
});
