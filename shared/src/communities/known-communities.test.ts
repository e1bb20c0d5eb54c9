import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chatMigrations } from '../model/communities/chat-migration.ts';
import { communities, type Community } from '../model/communities/community.ts';
import { environmentCommunity } from '../model/communities/default-community.ts';
import { someCommunity } from '../model/communities/testing/some-community.ts';
import type { Backend } from '../platform/backends/backend.ts';
import { changeDocument } from '../platform/ports/conditional-writes.ts';
import type { DocumentStore } from '../platform/ports/document-store.ts';
import { RetryableError } from '../platform/ports/errors.ts';
import { eventually } from '../platform/testing/eventually.ts';
import { ManualClock } from '../platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '../platform/testing/temporary-backend.ts';
import { COMMUNITY_FRESH_MS, KnownCommunities } from './known-communities.ts';

const environment = environmentCommunity({ chatId: '-100', botId: '111' });
const waiting = { ...someCommunity(), state: 'waiting' as const, chatId: undefined };
const disconnected = {
  ...someCommunity(),
  state: 'disconnected' as const,
  disconnectedAt: '2026-01-02T00:00:00.000Z',
};

describe('the communities that a process knows', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let clock: ManualClock;
  let reads: number;
  let isDown: boolean;
  let store: DocumentStore;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    reads = 0;
    isDown = false;
    const counted = <T>(read: () => Promise<T>): Promise<T> => {
      reads += 1;
      return isDown ? Promise.reject(new RetryableError('down', 'The store is down')) : read();
    };
    store = {
      get: (collection, id) => counted(() => backend.store.get(collection, id)),
      query: (query) => counted(() => backend.store.query(query)),
      count: (query) => backend.store.count(query),
      commit: (writes) => backend.store.commit(writes),
    };
  });

  afterEach(() => close());

  const known = (): KnownCommunities => new KnownCommunities({ store, clock }, environment);
  const stored = (community: Community): Promise<unknown> =>
    changeDocument(backend.store, communities, community.communityId, () => community);
  const later = (ms: number): string => new Date(clock.now() + ms).toISOString();

  test('a community that is connected while the process runs is known 10 s later, by its id and by its chat', async () => {
    const all = known();
    expect(await all.get('gold')).toBeUndefined();
    await stored(someCommunity());
    clock.advance(COMMUNITY_FRESH_MS - 1);
    expect(await all.get('gold')).toBeUndefined();
    clock.advance(1);
    expect(await all.get('gold')).toEqual(someCommunity());
    expect(await all.byChat('-1001')).toEqual(someCommunity());
    expect(await all.byChat('-1002')).toBeUndefined();
    expect((await all.all()).map(({ communityId }) => communityId)).toEqual(['default', 'gold']);
  });

  test('a community that is read again and has not changed is the same object; one that has changed is another', async () => {
    await stored(someCommunity());
    const all = known();
    const first = await all.get('gold');
    clock.advance(COMMUNITY_FRESH_MS);
    expect(await all.get('gold')).toBe(first);
    await stored(someCommunity({ name: 'Silver' }));
    clock.advance(COMMUNITY_FRESH_MS);
    expect(await all.get('gold')).toMatchObject({ name: 'Silver' });
  });

  test('a thousand communities cost a query at the start, and one query each 10 s; an unknown id costs none', async () => {
    const names = Array.from({ length: 1_001 }, (_, number) => `c${number}`);
    await Promise.all(
      names.map((communityId, number) =>
        stored(someCommunity({ communityId, chatId: `-2${number}`, updatedAt: later(number) })),
      ),
    );
    const all = new KnownCommunities({ store, clock });
    for (const name of [...names, 'nobody', 'nobody-else']) await all.get(name);
    expect(await all.byChat('-21000')).toMatchObject({ communityId: 'c1000' });
    expect(reads).toBe(2);
    clock.advance(3_600_000);
    await stored(someCommunity({ communityId: 'c7', chatId: '-9', updatedAt: later(0) }));
    for (const name of names) await all.get(name);
    expect(await all.byChat('-9')).toMatchObject({ communityId: 'c7' });
    expect(await all.byChat('-27')).toBeUndefined();
    clock.advance(COMMUNITY_FRESH_MS);
    await all.get('c7');
    expect(reads).toBe(4);
  });

  test('a change that a machine with a slower clock wrote is found, too', async () => {
    const all = known();
    await stored(someCommunity({ updatedAt: later(0) }));
    await all.get('gold');
    await stored(someCommunity({ communityId: 'silver', chatId: '-2', updatedAt: later(-50_000) }));
    clock.advance(COMMUNITY_FRESH_MS);
    expect(await all.get('silver')).toBeDefined();
  });

  test('while the store is down they are as they were; a process that has never read says so', async () => {
    const all = known();
    await stored(someCommunity());
    await all.get('gold');
    isDown = true;
    clock.advance(COMMUNITY_FRESH_MS);
    expect(await all.get('gold')).toEqual(someCommunity());
    await expect(known().get('gold')).rejects.toThrow('The store is down');
    isDown = false;
    clock.advance(COMMUNITY_FRESH_MS);
    await stored({ ...disconnected, updatedAt: later(0) });
    expect(await all.get('gold')).toMatchObject({ state: 'disconnected' });
  });

  test('a first read that failed is tried again at once', async () => {
    const all = known();
    isDown = true;
    await expect(all.get('default')).rejects.toThrow();
    isDown = false;
    expect(await all.get('default')).toEqual(environment);
  });

  test('default has the chat and the bot of the settings, and what operators set of it', async () => {
    const all = known();
    expect(await all.get('default')).toEqual(environment);
    expect(await all.byChat('-100')).toEqual(environment);
    clock.advance(COMMUNITY_FRESH_MS);
    await stored({ ...waiting, communityId: 'default', name: 'Main', botIds: [], linkTtl: 'PT2H' });
    const changed = { state: 'connected', chatId: '-100', botIds: ['111'], name: 'Main', linkTtl: 'PT2H' };
    expect(await all.get('default')).toMatchObject(changed);
    expect(await all.byChat('-100')).toMatchObject(changed);
    clock.advance(COMMUNITY_FRESH_MS);
    await stored({ ...waiting, communityId: 'default', botIds: ['111', '222'] });
    expect(await all.get('default')).toMatchObject({ botIds: ['111', '222'] });
    clock.advance(COMMUNITY_FRESH_MS);
    await stored({ ...disconnected, communityId: 'default', chatId: undefined });
    expect(await all.get('default')).toMatchObject({ state: 'disconnected', chatId: '-100' });
  });

  test('the chat of default is found by its new id when the group became a supergroup', async () => {
    const all = known();
    await changeDocument(backend.store, chatMigrations, '-100', () => ({ chatId: '-1007', migratedAt: later(0) }));
    expect(await all.byChat('-1007')).toEqual(environment);
    expect(await all.byChat('-1008')).toBeUndefined();
  });

  test('a chat leads to the community that has it now, and otherwise to the one that had it last', async () => {
    const other = someCommunity({ communityId: 'another' });
    const all = known();
    await stored(disconnected);
    await stored({ ...disconnected, communityId: 'a', disconnectedAt: '2026-01-01T12:00:00.000Z' });
    expect(await all.byChat('-1001')).toMatchObject({ communityId: 'gold' });
    clock.advance(COMMUNITY_FRESH_MS);
    await stored(other);
    expect(await all.byChat('-1001')).toEqual(other);
  });

  test('what is last known costs nobody a wait, and is read in the background', async () => {
    const all = new KnownCommunities({ store, clock });
    await stored({ ...disconnected, communityId: 'default' });
    expect(all.lastKnown('default')).toBeUndefined();
    await eventually(() => expect(all.lastKnown('default')).toMatchObject({ state: 'disconnected' }));
    isDown = true;
    clock.advance(COMMUNITY_FRESH_MS);
    expect(all.lastKnown('default')).toMatchObject({ state: 'disconnected' });
  });
});
