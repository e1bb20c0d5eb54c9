import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { removalGuards } from '@paid-community/shared/model/memberships/removal-guard.ts';
import { createDocument, updateDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { MembershipsApi, storeMember } from '../testing/memberships-api.ts';

let api: MembershipsApi;

beforeEach(async () => {
  api = new MembershipsApi();
  await api.open();
});

afterEach(() => api.close());

interface Answer {
  readonly removals: readonly {
    readonly userId: string;
    readonly communityId: string;
    readonly status: string;
    readonly reason: string;
  }[];
  readonly held: readonly object[];
  readonly nextCursor?: string;
}

const list = (input: object = {}): Promise<Answer> => api.operator.call('removals.list', input);

/** Somebody whose membership an operator has ended. */
async function ended(userId: string, telegramUserId: string, reason: string): Promise<void> {
  const membershipId = await api.member(userId, { telegramUserId });
  await api.operator.call('memberships.revoke', { membershipId, reason });
  api.operator.clock.advance(1_000);
}

function hold(): Promise<void> {
  const guard = {
    communityId: 'gold',
    letGo: [],
    heldSince: '2026-01-01T00:00:00.000Z',
    heldDue: 2,
    heldInside: 3,
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
  return api.operator.backend.store.commit([createDocument(removalGuards, 'gold', guard)]);
}

describe('removals', () => {
  test('are listed in the order in which they go, with the reason', async () => {
    await ended('asha', '1', 'charged back');
    await ended('ben', '2', 'refunded by hand');
    await api.member('inside', { telegramUserId: '3' });
    const { removals, held } = await list();
    expect(removals).toMatchObject([
      { userId: 'asha', communityId: 'gold', status: 'due', reason: 'charged back', since: '2026-01-01T00:00:00.000Z' },
      { userId: 'ben', status: 'due', reason: 'refunded by hand', since: '2026-01-01T00:00:01.000Z' },
    ]);
    expect(held).toEqual([]);
  });

  test('of several communities come page by page, and each once', async () => {
    const { store } = api.operator.backend;
    const names = Array.from({ length: 30 }, (_, n) => `c${String(n).padStart(2, '0')}`);
    for (const [index, communityId] of names.entries()) {
      const community = { ...api.community, communityId };
      await store.commit([createDocument(communities, communityId, community)]);
      if (index % 3 !== 0) continue;
      for (const each of ['a', 'b']) {
        const person = { userId: `${each}-${communityId}`, telegramUserId: `${index + 1}` };
        const membershipId = await storeMember(person, community, store, api.operator.clock.now());
        await api.operator.call('memberships.revoke', { membershipId });
      }
    }
    await ended('asha', '99', 'charged back');
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page: Answer = await list({ limit: 3, cursor });
      expect(page.removals.length).toBeLessThanOrEqual(3);
      seen.push(...page.removals.map(({ userId }) => userId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const wanted = names.flatMap((name, index) => (index % 3 === 0 ? [`a-${name}`, `b-${name}`] : []));
    expect(seen.toSorted()).toEqual(['asha', ...wanted].toSorted());
    expect((await list({ communityId: 'c03' })).removals).toHaveLength(2);
  });

  test('that are held say so, until they are released; a second release changes nothing', async () => {
    await ended('asha', '1', 'charged back');
    await hold();
    expect(await list({ communityId: 'gold' })).toMatchObject({
      removals: [{ status: 'held' }],
      held: [{ communityId: 'gold', since: '2026-01-01T00:00:00.000Z', due: 2, inside: 3 }],
    });
    expect((await list({ status: 'due' })).removals).toEqual([]);
    expect((await list({ status: 'held' })).removals).toHaveLength(1);
    const release = (): Promise<object> => api.operator.call('removals.release', { communityId: 'gold' });
    expect(await release()).toEqual({ communityId: 'gold', released: true, due: 1 });
    const guard = await api.operator.backend.store.get(removalGuards, 'gold');
    expect(guard?.data).toMatchObject({ releasedBy: 'ada', releasedAt: '2026-01-01T00:00:01.000Z' });
    expect(await release()).toEqual({ communityId: 'gold', released: false, due: 1 });
    expect((await api.operator.backend.store.get(removalGuards, 'gold'))?.version).toBe(guard?.version);
    expect(await list({ status: 'due' })).toMatchObject({ removals: [{ userId: 'asha' }], held: [] });
  });

  test('of a community with a dry run are only what would be', async () => {
    const { store } = api.operator.backend;
    const read = await store.get(communities, 'gold');
    if (read === undefined) throw new Error('The community is stored');
    await store.commit([updateDocument(communities, read, { ...read.data, removal: 'dry_run' })]);
    await ended('asha', '1', 'charged back');
    expect((await list({ status: 'dry_run' })).removals).toMatchObject([{ userId: 'asha', status: 'dry_run' }]);
    expect((await list({ status: 'due' })).removals).toEqual([]);
  });

  test('of a community that there is not are refused', async () => {
    await expect(list({ communityId: 'nowhere' })).rejects.toMatchObject({ code: 'not_found' });
    const release = api.operator.call('removals.release', { communityId: 'nowhere' });
    await expect(release).rejects.toMatchObject({ code: 'not_found' });
  });
});
