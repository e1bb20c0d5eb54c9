import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chatStandings } from '@paid-community/shared/model/communities/chat-standing.ts';
import { connectionCodeId, connectionCodes } from '@paid-community/shared/model/communities/connection-code.ts';
import { communityEvents, healthChecks } from '@paid-community/shared/model/topics.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { bot, chat, CommunitiesApi, GOLD, WITHOUT_CHAT } from '../testing/communities-api.ts';

let api: CommunitiesApi;

beforeEach(() => {
  api = new CommunitiesApi();
});

afterEach(() => api.close());

test('a chat is connected by its id, with the bot of the settings, and the event says so once', async () => {
  const { community } = await api.connect();
  expect(community).toEqual({
    ...GOLD,
    state: 'connected',
    botIds: ['111'],
    poolSize: 0,
    timeZone: 'UTC',
    createdAt: '2026-01-01T00:00:00.000Z',
    connectedAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  });
  expect(await api.stored()).toEqual(community);
  expect(await api.claim('-1001')).toMatchObject({ communityId: 'gold' });
  expect(api.operator.eventBus.eventsOn(communityEvents)).toMatchObject([
    { type: 'CommunityConnected', data: { communityId: 'gold', chatId: '-1001', name: 'Gold signals' } },
  ]);
});

test('link-worker is asked to look at the chat at once, so that its title and rights are known', async () => {
  await api.connect();
  const checks = api.operator.eventBus.eventsOn(healthChecks);
  expect(checks).toMatchObject([{ type: 'HealthCheckRequested', data: { chatId: '-1001' } }]);
});

test('a public chat is connected by its @name, and is known by its id', async () => {
  expect(await api.connect({ chatId: '@gold', botIds: ['222', '111'] })).toMatchObject({
    community: { chatId: '-1001', botIds: ['222', '111'] },
  });
});

test('the same call again changes nothing, and tells the event again under the same id', async () => {
  const first = await api.connect();
  api.operator.clock.advance(1_000);
  expect(await api.connect()).toEqual(first);
  const ids = api.operator.eventBus.eventsOn(communityEvents).map(({ id }) => id);
  expect(ids).toEqual([ids[0], ids[0]]);
});

test.each([
  ['another chat', { chatId: '-1002' }],
  ['other settings', { name: 'Silver' }],
  ['no chat', { chatId: undefined }],
])('a connected community is not connected again with %s', async (__, fields) => {
  const before = await api.connect();
  await expect(api.connect(fields)).rejects.toMatchObject({ code: 'conflict' });
  expect(await api.stored()).toEqual(before.community);
});

test.each([
  ['a basic group', { kind: 'group' }, 'basic group'],
  ['a private chat', { kind: 'private' }, 'private chat'],
  ['a bot that is a plain member', { bots: [{ ...bot, status: 'member' }] }, 'no administrator'],
  ['a missing right', { bots: [{ ...bot, mayInvite: false }] }, 'can_invite_users'],
  ['a bot that nobody has', { bots: [] }, 'TELEGRAM_BOT_TOKENS'],
  ['a chat of which Telegram does not answer', undefined, 'does not answer'],
])('%s is refused, and nothing is written', async (__, fields, words) => {
  api.telegram.chats = fields === undefined ? {} : { '-1001': { ...chat, ...fields } };
  await expect(api.connect()).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(words) });
  expect([await api.stored(), await api.claim('-1001')]).toEqual([undefined, undefined]);
  expect(api.operator.eventBus.published).toEqual([]);
});

test.each([
  ['no removal', { removal: undefined }, '/removal'],
  ['an unknown field', { pool: 3 }, '/pool'],
  ['a duration that is none', { linkTtl: '2 days' }, '/linkTtl'],
  ['a link that lives for nothing', { linkTtl: 'PT0S' }, '/linkTtl'],
  ['a link that lives for years', { linkTtl: 'P2Y' }, '/linkTtl'],
  ['a zone that is none', { timeZone: 'Mars/Olympus' }, '/timeZone'],
  ['an id with capitals', { communityId: 'Gold' }, '/communityId'],
  ['a positive chat id', { chatId: '1001' }, '/chatId'],
  ['a chat for default', { communityId: 'default' }, '/chatId'],
])('%s is a mistake of the input', async (__, fields, path) => {
  await expect(api.connect(fields)).rejects.toMatchObject({ code: 'invalid_request', issues: [{ path }] });
});

test('a chat that another community has is refused, with the name of that one', async () => {
  await api.connect();
  await expect(api.connect({ communityId: 'silver' })).rejects.toMatchObject({
    message: expect.stringContaining('"gold"'),
  });
  const standing = {
    ...chat,
    communityId: 'default',
    chatId: '-1002',
    faults: [],
    checkedAt: '2026-01-01T00:00:00.000Z',
  };
  await api.operator.backend.store.commit([createDocument(chatStandings, 'default', standing)]);
  await expect(api.connect({ communityId: 'silver', chatId: '-1002' })).rejects.toMatchObject({
    message: expect.stringContaining('TELEGRAM_CHAT_ID'),
  });
});

test.each([
  ['the same community', { name: 'Theirs', chatId: '-1002' }, 'same moment'],
  ['the same chat for another community', { communityId: 'silver' }, '"silver" has this chat'],
])('of two operators who connect %s at once, one wins, and the other is told', async (__, theirs, words) => {
  api.telegram.asked = async () => {
    api.telegram.asked = undefined;
    await api.connect(theirs);
  };
  await expect(api.connect()).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(words) });
  expect(api.operator.eventBus.eventsOn(communityEvents)).toHaveLength(1);
});

test('without a chat a community waits, with links for each bot whose codes only the taker of the link knows', async () => {
  const { community, links } = await api.call<{ community: object; links: { group: string; channel: string }[] }>(
    'communities.connect',
    {
      ...WITHOUT_CHAT,
      botIds: ['111', '222'],
    },
  );
  expect(community).toMatchObject({ state: 'waiting', botIds: ['111', '222'] });
  expect(links.map(({ channel }) => channel)).toEqual([
    'https://t.me/first_bot?startchannel&admin=invite_users+restrict_members',
    'https://t.me/second_bot?startchannel&admin=invite_users+restrict_members',
  ]);
  const [, code = ''] =
    /^https:\/\/t\.me\/first_bot\?startgroup=([\w-]{22,64})&admin=/.exec(links[0]?.group ?? '') ?? [];
  const known = await api.operator.backend.store.get(connectionCodes, connectionCodeId(code));
  expect(known?.data).toMatchObject({ communityId: 'gold', botId: '111', expiresAt: '2026-01-01T01:00:00.000Z' });
  expect(await api.call('communities.show', { communityId: 'gold' })).toMatchObject({
    community: { state: 'waiting' },
    steps: [expect.stringContaining('Bots cannot make groups'), expect.anything(), expect.anything()],
  });
  // The operator may name the chat all the same.
  expect(await api.connect()).toMatchObject({ community: { state: 'connected' } });
});

test('a bot that cannot be used makes no connection link', async () => {
  await expect(api.call('communities.connect', { ...WITHOUT_CHAT, botIds: ['333'] })).rejects.toMatchObject({
    code: 'conflict',
  });
  api.telegram.bots = [{ botId: '111', fault: 'Telegram refuses its token' }];
  await expect(api.call('communities.connect', WITHOUT_CHAT)).rejects.toMatchObject({
    message: expect.stringContaining('Telegram refuses its token'),
  });
  expect(await api.stored()).toBeUndefined();
});
