import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { membershipIdOf } from '@paid-community/shared/model/memberships/membership.ts';
import { purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { bot, chat, CommunitiesApi } from '../testing/communities-api.ts';

let api: CommunitiesApi;

beforeEach(async () => {
  api = new CommunitiesApi();
  await api.connect();
  api.operator.eventBus.published.length = 0;
});

afterEach(() => api.close());

const attempt = (fields: object = {}): Promise<{ requestId: string; userId: string }> =>
  api.call('memberships.try', { communityId: 'gold', period: 'PT2M', ...fields });

describe('a test journey', () => {
  test('is a purchase that ends soon, of somebody who is made up, and says that it is a test', async () => {
    const { requestId, userId, ...rest } = await attempt();
    const endsAt = '2026-01-01T00:02:00.000Z';
    expect(rest).toEqual({ membershipId: membershipIdOf('gold', { userId }), endsAt });
    expect(api.operator.eventBus.eventsOn(purchaseEvents).map(({ data }) => data)).toEqual([
      { requestId, userId, transactionId: userId, communityId: 'gold', endsAt, makesMembership: true, test: true },
    ]);
    expect((await attempt()).requestId).not.toBe(requestId);
  });

  test('needs the right to remove, also where nobody is removed', async () => {
    api.telegram.chats['-1001'] = { ...chat, bots: [{ ...bot, mayRestrict: false }] };
    await expect(attempt()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('can_restrict_members'),
    });
    expect(api.operator.eventBus.published).toEqual([]);
  });

  test('is refused where it cannot begin, or is no journey', async () => {
    await expect(attempt({ communityId: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
    await api.call('communities.disconnect', { communityId: 'gold' });
    await expect(attempt()).rejects.toMatchObject({ code: 'conflict' });
    for (const period of ['P0D', 'P2D', 'P999999Y', '2', 'lifetime'])
      await expect(attempt({ period })).rejects.toMatchObject({ issues: [{ path: '/period' }] });
  });
});
