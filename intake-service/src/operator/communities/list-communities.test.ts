import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chatStandings } from '@paid-community/shared/model/communities/chat-standing.ts';
import { botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import { inviteLinkOf, inviteLinks, type InviteLink } from '@paid-community/shared/model/links/invite-link.ts';
import { documentOf, inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { DoneRequest } from '@paid-community/shared/model/links/request-states.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { chat, CommunitiesApi } from '../testing/communities-api.ts';
import { REQUEST } from '../testing/open-operator.ts';

let api: CommunitiesApi;

beforeEach(() => {
  api = new CommunitiesApi();
});

afterEach(() => api.close());

test('communities are listed by their ids, default first, with what Telegram said of their chats', async () => {
  await api.connect();
  await api.connect({ communityId: 'alpha', chatId: '-1002' });
  const standing = { ...chat, communityId: 'gold', faults: ['x'], checkedAt: '2026-01-01T00:00:00.000Z' };
  await api.operator.backend.store.commit([createDocument(chatStandings, 'gold', standing)]);
  const page = await api.call<{ communities: { communityId: string }[]; nextCursor: string }>('communities.list', {
    limit: '1',
  });
  expect(page.communities.map(({ communityId }) => communityId)).toEqual(['default', 'alpha']);
  expect(await api.call('communities.list', { limit: '1', cursor: page.nextCursor })).toMatchObject({
    communities: [{ communityId: 'gold', chat: { title: 'Gold', kind: 'supergroup', memberCount: 12, faults: ['x'] } }],
  });
});

test('the pace of its bots is shown, and the pause that Telegram has ordered', async () => {
  await api.connect({ botIds: ['111', '222'] });
  const rate = {
    pausedUntil: '2026-01-01T00:10:00.000Z',
    grantedUntil: '',
    grantedTo: '',
    learned: { perSecond: 4.5 },
  };
  await api.operator.backend.store.commit([createDocument(botRates, '111', rate)]);
  const pace = [{ botId: '111', linksPerSecond: 4.5, pausedUntil: rate.pausedUntil }, { botId: '222' }];
  expect(await api.call('communities.show', { communityId: 'gold' })).toMatchObject({ pace });
  api.operator.clock.advance(600_000);
  expect(await api.call('communities.show', { communityId: 'gold' })).toMatchObject({
    pace: [{ botId: '111', linksPerSecond: 4.5 }, {}],
  });
});

test('what is done for a community is shown, and at its end what is still queued', async () => {
  await api.connect();
  const done = { ...REQUEST, communityId: 'gold' };
  const open = { ...done, status: 'QUEUED' as const, inviteLink: undefined, linkCreatedAt: undefined };
  const linkAt = (requestId: string, linkCreatedAt: string): InviteLink =>
    inviteLinkOf({ ...(inviteRequestOf(done) as DoneRequest), requestId, linkCreatedAt });
  await api.operator.backend.store.commit([
    createDocument(inviteRequests, 'r1', documentOf(inviteRequestOf({ ...open, requestId: 'r1' }))),
    createDocument(inviteRequests, 'r2', documentOf(inviteRequestOf({ ...done, requestId: 'r2' }))),
    createDocument(inviteRequests, 'r3', documentOf(inviteRequestOf({ ...open, communityId: 'x', requestId: 'r3' }))),
    createDocument(inviteLinks, 'a', linkAt('r2', '2026-01-01T00:00:00.000Z')),
    createDocument(inviteLinks, 'b', linkAt('r4', '2025-12-31T23:59:59.999Z')),
  ]);
  const work = { linksToday: 1, poolLinks: 0, queued: 1 };
  expect(await api.call('communities.show', { communityId: 'gold' })).toMatchObject({ work });
  expect(await api.call('communities.disconnect', { communityId: 'gold' })).toMatchObject({ work });
});

test('the bots are listed with the communities that they serve', async () => {
  await api.connect({ botIds: ['111', '222'] });
  await api.connect({ communityId: 'alpha', chatId: '-1002', botIds: ['222'] });
  const listed = await api.call('bots.list');
  expect(listed).toEqual({
    bots: [
      { botId: '111', isDefault: true, username: 'first_bot', communityIds: ['gold'] },
      { botId: '222', isDefault: false, username: 'second_bot', communityIds: ['alpha', 'gold'] },
    ],
  });
});

test('a bot that a community names is listed when its token is missing', async () => {
  await api.connect({ botIds: ['111', '222'] });
  api.telegram.bots = [{ botId: '111', username: 'first_bot' }];
  const { bots } = await api.call<{ readonly bots: readonly object[] }>('bots.list');
  expect(bots).toEqual([
    { botId: '111', isDefault: true, username: 'first_bot', communityIds: ['gold'] },
    {
      botId: '222',
      isDefault: false,
      fault: expect.stringContaining('add it to TELEGRAM_BOT_TOKENS'),
      communityIds: ['gold'],
    },
  ]);
});
