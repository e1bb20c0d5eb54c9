import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MembershipsApi } from '../testing/memberships-api.ts';

let api: MembershipsApi;

beforeEach(async () => {
  api = new MembershipsApi();
  await api.open();
});

afterEach(() => api.close());

interface Answer {
  readonly memberships: readonly { readonly userId: string }[];
  readonly nextCursor?: string;
}

const list = (input: object): Promise<Answer> =>
  api.operator.call('memberships.list', { communityId: 'gold', ...input });

const usersOf = ({ memberships }: Answer): readonly string[] => memberships.map(({ userId }) => userId);

test('the memberships of a community are listed page by page, all or of one state', async () => {
  for (const userId of ['a', 'b', 'c']) await api.member(userId, { telegramUserId: `${userId.charCodeAt(0)}` });
  await api.member('waits');
  const first = await list({ limit: 3 });
  const second = await list({ limit: 3, cursor: first.nextCursor });
  expect([...usersOf(first), ...usersOf(second)].toSorted()).toEqual(['a', 'b', 'c', 'waits']);
  expect(usersOf(await list({ state: 'pending' }))).toEqual(['waits']);
  expect(usersOf(await list({ state: 'grace' }))).toEqual([]);
});

test('who ends when is listed by the end, soonest first; what has no end is no part of it', async () => {
  await api.member('late', { endsAt: '2026-03-01T00:00:00.000Z', telegramUserId: '1' });
  await api.member('soon', { endsAt: '2026-01-05T00:00:00.000Z', telegramUserId: '2' });
  await api.member('later', { endsAt: '2026-02-01T00:00:00.000Z', telegramUserId: '3' });
  await api.member('never', { telegramUserId: '4' });
  const since = '2026-01-01T00:00:00.000Z';
  const until = '2026-02-02T00:00:00.000Z';
  expect(usersOf(await list({ until }))).toEqual(['soon', 'later']);
  expect(usersOf(await list({ since, limit: 1 }))).toEqual(['soon']);
  expect(usersOf(await list({ since: '2026-02-01T00:00:00.000Z' }))).toEqual(['later', 'late']);
});

test('of a community that there is not nothing is listed', async () => {
  await expect(list({ communityId: 'nowhere' })).rejects.toMatchObject({ code: 'not_found' });
});
