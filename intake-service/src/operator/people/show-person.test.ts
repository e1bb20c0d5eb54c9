import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { MembershipsApi } from '../testing/memberships-api.ts';
import { REQUEST } from '../testing/open-operator.ts';

let api: MembershipsApi;

beforeEach(async () => {
  api = new MembershipsApi();
  await api.open();
});

afterEach(() => api.close());

interface Answer {
  readonly memberships: readonly object[];
  readonly requestIds: readonly string[];
  readonly timeline: readonly { readonly at: string; readonly what: string; readonly detail?: string }[];
}

const show = (by: object): Promise<Answer> => api.operator.call('person.show', by);

test('a person has one story of purchases, joins, memberships and what operators did, by either id', async () => {
  const { store } = api.operator.backend;
  await store.commit([
    createDocument(inviteRequests, REQUEST.requestId, { ...REQUEST, userId: 'asha' }),
    createDocument(joins, REQUEST.requestId, {
      requestId: REQUEST.requestId,
      telegramUserId: '42',
      // To the second: before the link was made, by the look of it.
      joinedAt: '2025-12-31T10:00:01.000Z',
      inviteLinkHash: 'a'.repeat(64),
    }),
  ]);
  const membershipId = await api.member('asha', { endsAt: '2026-02-01T00:00:00.000Z', telegramUserId: '42' });
  api.operator.clock.advance(60_000);
  await api.operator.call('memberships.revoke', { membershipId, reason: 'charged back' });
  const story = await show({ userId: 'asha' });
  expect(story.requestIds).toEqual([REQUEST.requestId]);
  expect(story.memberships).toMatchObject([{ membershipId, state: 'revoked' }]);
  expect(story.timeline.map(({ what }) => what)).toEqual([
    'accepted',
    'link created',
    'joined',
    'bought',
    'account bound',
    'came in',
    'taken back',
    'revoked',
  ]);
  expect(story.timeline.at(-2)).toEqual({
    at: '2026-01-01T00:01:00.000Z',
    what: 'taken back',
    detail: 'gold: ada: charged back',
    membershipId,
  });
  expect(await show({ telegramUserId: '42' })).toEqual(story);
});

test('of nobody there is nothing to tell', async () => {
  expect(await show({ userId: 'nobody' })).toEqual({ memberships: [], requestIds: [], timeline: [] });
});

test.each([{}, { userId: 'asha', telegramUserId: '42' }])('%p names nobody, or two', async (by) => {
  await expect(show(by)).rejects.toMatchObject({ code: 'invalid_request' });
});
