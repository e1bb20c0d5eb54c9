import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BotStanding, ExaminedChat } from '@paid-community/shared/model/communities/chat-standing.ts';
import { chatStandings } from '@paid-community/shared/model/communities/chat-standing.ts';
import { botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import { communityChats } from '@paid-community/shared/model/communities/community-chat.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { connectionCodeId, connectionCodes } from '@paid-community/shared/model/communities/connection-code.ts';
import { healthReports } from '@paid-community/shared/model/operations/health-report.ts';
import { inviteLinkOf, inviteLinks, type InviteLink } from '@paid-community/shared/model/links/invite-link.ts';
import { documentOf, inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { DoneRequest } from '@paid-community/shared/model/links/request-states.ts';
import { communityEvents, healthChecks } from '@paid-community/shared/model/topics.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { AnsweringTaskQueue, type TelegramOfTest } from '../testing/answering-task-queue.ts';
import { openOperator, REQUEST, type Operator } from '../testing/open-operator.ts';

const administrator = { status: 'administrator', mayInvite: true, mayRestrict: true };
const bot: BotStanding = { botId: '111', username: 'first_bot', ...administrator };
const second: BotStanding = { botId: '222', username: 'second_bot', ...administrator };
const chat: ExaminedChat = {
  chatId: '-1001',
  title: 'Gold',
  kind: 'supergroup',
  memberCount: 12,
  bots: [bot, second],
};
const WITHOUT_CHAT = { communityId: 'gold', name: 'Gold signals', entry: 'link', removal: 'off' };
const GOLD = { ...WITHOUT_CHAT, chatId: '-1001' };

describe('communities', () => {
  let operator: Operator;
  let telegram: TelegramOfTest & { chats: Record<string, ExaminedChat> };

  beforeEach(() => {
    operator = openOperator();
    telegram = {
      chats: {
        'of the settings': { ...chat, chatId: '-1000' },
        '-1001': chat,
        '@gold': chat,
        '-1002': { ...chat, chatId: '-1002' },
      },
      bots: [
        { botId: '111', username: 'first_bot' },
        { botId: '222', username: 'second_bot' },
      ],
    };
  });

  afterEach(() => operator.close());

  const call = <T extends object>(action: string, input: object = {}): Promise<T> =>
    operator.callWith<T>(
      { taskQueue: new AnsweringTaskQueue(operator.backend.store, telegram) },
      `communities.${action}`,
      input,
    );
  const connect = (fields: object = {}): Promise<{ readonly community: object }> =>
    call('connect', { ...GOLD, ...fields });
  const stored = async (communityId = 'gold'): Promise<object | undefined> =>
    (await operator.backend.store.get(communities, communityId))?.data;
  const claim = async (chatId: string): Promise<object | undefined> =>
    (await operator.backend.store.get(communityChats, chatId))?.data;

  test('a chat is connected by its id, with the bot of the settings, and the event says so once', async () => {
    const { community } = await connect();
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
    expect(await stored()).toEqual(community);
    expect(await claim('-1001')).toMatchObject({ communityId: 'gold' });
    expect(operator.eventBus.eventsOn(communityEvents)).toMatchObject([
      { type: 'CommunityConnected', data: { communityId: 'gold', chatId: '-1001', name: 'Gold signals' } },
    ]);
  });

  test('link-worker is asked to look at the chat at once, so that its title and rights are known', async () => {
    await connect();
    const checks = operator.eventBus.eventsOn(healthChecks);
    expect(checks).toMatchObject([{ type: 'HealthCheckRequested', data: { chatId: '-1001' } }]);
  });

  test('a public chat is connected by its @name, and is known by its id', async () => {
    expect(await connect({ chatId: '@gold', botIds: ['222', '111'] })).toMatchObject({
      community: { chatId: '-1001', botIds: ['222', '111'] },
    });
  });

  test('the same call again changes nothing, and tells the event again under the same id', async () => {
    const first = await connect();
    operator.clock.advance(1_000);
    expect(await connect()).toEqual(first);
    const ids = operator.eventBus.eventsOn(communityEvents).map(({ id }) => id);
    expect(ids).toEqual([ids[0], ids[0]]);
  });

  test.each([
    ['another chat', { chatId: '-1002' }],
    ['other settings', { name: 'Silver' }],
    ['no chat', { chatId: undefined }],
  ])('a connected community is not connected again with %s', async (__, fields) => {
    const before = await connect();
    await expect(connect(fields)).rejects.toMatchObject({ code: 'conflict' });
    expect(await stored()).toEqual(before.community);
  });

  test.each([
    ['a basic group', { kind: 'group' }, 'basic group'],
    ['a private chat', { kind: 'private' }, 'private chat'],
    ['a bot that is a plain member', { bots: [{ ...bot, status: 'member' }] }, 'no administrator'],
    ['a missing right', { bots: [{ ...bot, mayInvite: false }] }, 'can_invite_users'],
    ['a bot that nobody has', { bots: [] }, 'TELEGRAM_BOT_TOKENS'],
    ['a chat of which Telegram does not answer', undefined, 'does not answer'],
  ])('%s is refused, and nothing is written', async (__, fields, words) => {
    telegram.chats = fields === undefined ? {} : { '-1001': { ...chat, ...fields } };
    await expect(connect()).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(words) });
    expect([await stored(), await claim('-1001')]).toEqual([undefined, undefined]);
    expect(operator.eventBus.published).toEqual([]);
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
    await expect(connect(fields)).rejects.toMatchObject({ code: 'invalid_request', issues: [{ path }] });
  });

  test('a chat that another community has is refused, with the name of that one', async () => {
    await connect();
    await expect(connect({ communityId: 'silver' })).rejects.toMatchObject({
      message: expect.stringContaining('"gold"'),
    });
    const standing = {
      ...chat,
      communityId: 'default',
      chatId: '-1002',
      faults: [],
      checkedAt: '2026-01-01T00:00:00.000Z',
    };
    await operator.backend.store.commit([createDocument(chatStandings, 'default', standing)]);
    await expect(connect({ communityId: 'silver', chatId: '-1002' })).rejects.toMatchObject({
      message: expect.stringContaining('TELEGRAM_CHAT_ID'),
    });
  });

  test.each([
    ['the same community', { name: 'Theirs', chatId: '-1002' }, 'same moment'],
    ['the same chat for another community', { communityId: 'silver' }, '"silver" has this chat'],
  ])('of two operators who connect %s at once, one wins, and the other is told', async (__, theirs, words) => {
    telegram.asked = async () => {
      telegram.asked = undefined;
      await connect(theirs);
    };
    await expect(connect()).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(words) });
    expect(operator.eventBus.eventsOn(communityEvents)).toHaveLength(1);
  });

  test('without a chat it waits, with links for each bot whose codes only the taker of the link knows', async () => {
    const { community, links } = await call<{ community: object; links: { group: string; channel: string }[] }>(
      'connect',
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
    const known = await operator.backend.store.get(connectionCodes, connectionCodeId(code));
    expect(known?.data).toMatchObject({ communityId: 'gold', botId: '111', expiresAt: '2026-01-01T01:00:00.000Z' });
    expect(await call('show', { communityId: 'gold' })).toMatchObject({
      community: { state: 'waiting' },
      steps: [expect.stringContaining('Bots cannot make groups'), expect.anything(), expect.anything()],
    });
    // The operator may name the chat all the same.
    expect(await connect()).toMatchObject({ community: { state: 'connected' } });
  });

  test('a bot that cannot be used makes no connection link', async () => {
    await expect(call('connect', { ...WITHOUT_CHAT, botIds: ['333'] })).rejects.toMatchObject({ code: 'conflict' });
    telegram = { ...telegram, bots: [{ botId: '111', fault: 'Telegram refuses its token' }] };
    await expect(call('connect', WITHOUT_CHAT)).rejects.toMatchObject({
      message: expect.stringContaining('Telegram refuses its token'),
    });
    expect(await stored()).toBeUndefined();
  });

  test('a change sets the named fields, and looks first whether the bots have the rights for it', async () => {
    await connect();
    operator.clock.advance(1_000);
    const change = (fields: object): Promise<object> => call('change', { communityId: 'gold', ...fields });
    expect(await change({ name: 'Silver', linkTtl: 'PT2H' })).toMatchObject({
      community: { name: 'Silver', linkTtl: 'PT2H', chatId: '-1001', updatedAt: '2026-01-01T00:00:01.000Z' },
    });
    telegram.chats['-1001'] = { ...chat, bots: [{ ...bot, mayRestrict: false }] };
    await expect(change({ removal: 'on' })).rejects.toMatchObject({ message: expect.stringContaining('can_restrict') });
    await expect(change({ botIds: ['333'] })).rejects.toMatchObject({ code: 'conflict' });
    await expect(change({})).rejects.toMatchObject({ code: 'invalid_request', issues: [{ path: '' }] });
    const twice = { path: '/botIds', message: 'must not have the same item twice' };
    await expect(change({ botIds: ['111', '111'] })).rejects.toMatchObject({ issues: [twice] });
    const none = { path: '/botIds', message: 'must have at least 1 item' };
    await expect(change({ botIds: [] })).rejects.toMatchObject({ issues: [none] });
    const noText = { path: '/linkTtl', message: 'must be string or null' };
    await expect(change({ linkTtl: 3 })).rejects.toMatchObject({ issues: [noText] });
    await expect(change({ chatId: '-1002' })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(call('change', { communityId: 'nobody', name: 'x' })).rejects.toMatchObject({ code: 'not_found' });
    expect(await stored()).toMatchObject({ removal: 'off', botIds: ['111'] });
  });

  test('null takes back a setting that may be absent, and no other', async () => {
    await connect({ linkTtl: 'PT2H', reminders: ['P1D'], revokeAfterJoin: false });
    const change = (fields: object): Promise<object> => call('change', { communityId: 'gold', ...fields });
    const { community } = (await change({ linkTtl: null, reminders: null, revokeAfterJoin: null })) as {
      community: object;
    };
    for (const field of ['linkTtl', 'reminders', 'revokeAfterJoin']) expect(community).not.toHaveProperty(field);
    expect(await stored()).toEqual(community);
    await expect(change({ name: null })).rejects.toMatchObject({ issues: [{ path: '/name' }] });
  });

  test('of two operators who change a community at once, one is told that it has changed', async () => {
    await connect();
    telegram.asked = async () => {
      telegram.asked = undefined;
      await call('change', { communityId: 'gold', name: 'Theirs' });
    };
    await expect(call('change', { communityId: 'gold', removal: 'on' })).rejects.toMatchObject({ code: 'conflict' });
    expect(await stored()).toMatchObject({ name: 'Theirs', removal: 'off' });
  });

  test('a change is newer than the newest one, also when the clock was set back', async () => {
    await connect();
    await operator.backend.store.commit([
      createDocument(communities, 'ahead', {
        ...(await stored()),
        communityId: 'ahead',
        updatedAt: '2027-01-01T00:00:00.000Z',
      } as never),
    ]);
    await call('change', { communityId: 'gold', name: 'Later' });
    expect(await stored()).toMatchObject({ updatedAt: '2027-01-01T00:00:00.000Z' });
  });

  test('a community that is disconnected gives up its chat, which another may have then; and it may come back', async () => {
    await connect();
    const disconnect = (): Promise<object> => call('disconnect', { communityId: 'gold' });
    const gone = await disconnect();
    expect(gone).toMatchObject({ community: { state: 'disconnected', chatId: '-1001' } });
    expect(await disconnect()).toEqual(gone);
    expect(await claim('-1001')).toBeUndefined();
    await connect({ communityId: 'silver' });
    await expect(connect()).rejects.toMatchObject({ message: expect.stringContaining('"silver"') });
    const again = (await connect({ chatId: '-1002' })).community;
    expect(again).toMatchObject({ state: 'connected', chatId: '-1002' });
    expect(again).not.toHaveProperty('disconnectedAt');
  });

  test('default is there before anybody changes it; it is changed, disconnected and connected again', async () => {
    expect(await call('show', { communityId: 'default' })).toMatchObject({
      community: { state: 'connected', botIds: [] },
    });
    await expect(connect({ communityId: 'default', chatId: undefined })).rejects.toMatchObject({ code: 'conflict' });
    await call('change', { communityId: 'default', poolSize: 3 });
    expect(await stored('default')).toMatchObject({ state: 'waiting', poolSize: 3, botIds: [] });
    await call('disconnect', { communityId: 'default' });
    expect(await stored('default')).toMatchObject({ state: 'disconnected', poolSize: 3 });
    const again = await connect({ communityId: 'default', chatId: undefined });
    expect(again).toMatchObject({ community: { communityId: 'default', state: 'connected', poolSize: 0 } });
  });

  test('of default, what its settings need is looked at before they are taken, also when it comes back', async () => {
    telegram.chats['of the settings'] = { ...chat, chatId: '-1000', bots: [{ ...bot, mayRestrict: false }] };
    const tries = [
      [{ removal: 'on' }, 'conflict', 'can_restrict_members'],
      [{ botIds: ['222'] }, 'conflict', '222 is not one whose token'],
      [{ poolSize: 1_000_000_000_000 }, 'invalid_request', 'not valid'],
    ] as const;
    for (const [fields, code, words] of tries)
      await expect(call('change', { communityId: 'default', ...fields })).rejects.toMatchObject({
        code,
        message: expect.stringContaining(words),
      });
    expect(await stored('default')).toBeUndefined();
    await call('change', { communityId: 'default', botIds: ['111'] });
    await call('disconnect', { communityId: 'default' });
    for (const [fields, code] of tries)
      await expect(connect({ communityId: 'default', chatId: undefined, ...fields })).rejects.toMatchObject({ code });
    expect(await stored('default')).toMatchObject({ state: 'disconnected' });
  });

  test('default has no date that nobody knows', async () => {
    const times = async (): Promise<object> => {
      const { community } = await call<{ community: Record<string, unknown> }>('show', { communityId: 'default' });
      return Object.fromEntries(Object.entries(community).filter(([field]) => field.endsWith('At')));
    };
    expect(await times()).toEqual({});
    await call('change', { communityId: 'default', name: 'Club' });
    expect(await times()).toEqual({ updatedAt: '2026-01-01T00:00:00.000Z' });
  });

  test('they are listed by their ids, default first, with what Telegram said of their chats', async () => {
    await connect();
    await connect({ communityId: 'alpha', chatId: '-1002' });
    const standing = { ...chat, communityId: 'gold', faults: ['x'], checkedAt: '2026-01-01T00:00:00.000Z' };
    await operator.backend.store.commit([createDocument(chatStandings, 'gold', standing)]);
    const page = await call<{ communities: { communityId: string }[]; nextCursor: string }>('list', { limit: '1' });
    expect(page.communities.map(({ communityId }) => communityId)).toEqual(['default', 'alpha']);
    expect(await call('list', { limit: '1', cursor: page.nextCursor })).toMatchObject({
      communities: [
        { communityId: 'gold', chat: { title: 'Gold', kind: 'supergroup', memberCount: 12, faults: ['x'] } },
      ],
    });
  });

  test('the pace of its bots is shown, and the pause that Telegram has ordered', async () => {
    await connect({ botIds: ['111', '222'] });
    const rate = {
      pausedUntil: '2026-01-01T00:10:00.000Z',
      grantedUntil: '',
      grantedTo: '',
      learned: { perSecond: 4.5 },
    };
    await operator.backend.store.commit([createDocument(botRates, '111', rate)]);
    const pace = [{ botId: '111', linksPerSecond: 4.5, pausedUntil: rate.pausedUntil }, { botId: '222' }];
    expect(await call('show', { communityId: 'gold' })).toMatchObject({ pace });
    operator.clock.advance(600_000);
    expect(await call('show', { communityId: 'gold' })).toMatchObject({
      pace: [{ botId: '111', linksPerSecond: 4.5 }, {}],
    });
  });

  test('what is done for a community is shown, and at its end what is still queued', async () => {
    await connect();
    const done = { ...REQUEST, communityId: 'gold' };
    const open = { ...done, status: 'QUEUED' as const, inviteLink: undefined, linkCreatedAt: undefined };
    const linkAt = (requestId: string, linkCreatedAt: string): InviteLink =>
      inviteLinkOf({ ...(inviteRequestOf(done) as DoneRequest), requestId, linkCreatedAt });
    await operator.backend.store.commit([
      createDocument(inviteRequests, 'r1', documentOf(inviteRequestOf({ ...open, requestId: 'r1' }))),
      createDocument(inviteRequests, 'r2', documentOf(inviteRequestOf({ ...done, requestId: 'r2' }))),
      createDocument(inviteRequests, 'r3', documentOf(inviteRequestOf({ ...open, communityId: 'x', requestId: 'r3' }))),
      createDocument(inviteLinks, 'a', linkAt('r2', '2026-01-01T00:00:00.000Z')),
      createDocument(inviteLinks, 'b', linkAt('r4', '2025-12-31T23:59:59.999Z')),
    ]);
    const work = { linksToday: 1, poolLinks: 0, queued: 1 };
    expect(await call('show', { communityId: 'gold' })).toMatchObject({ work });
    expect(await call('disconnect', { communityId: 'gold' })).toMatchObject({ work });
  });

  test('a pool that would be old before it is full is refused, with the largest that would not', async () => {
    // 0.1 links a second, half of them for the pool, 720 hours.
    const rate = { pausedUntil: '', grantedUntil: '', grantedTo: '', learned: { perSecond: 0.1 } };
    await operator.backend.store.commit([createDocument(botRates, '111', rate)]);
    const refusal = {
      code: 'invalid_request',
      issues: [{ path: '/poolSize', message: expect.stringContaining('129600') }],
    };
    await expect(connect({ poolSize: 129_601 })).rejects.toMatchObject(refusal);
    await expect(call('connect', { ...WITHOUT_CHAT, poolSize: 129_601 })).rejects.toMatchObject(refusal);
    expect(await stored()).toBeUndefined();
    await connect({ poolSize: 129_600 });
    await expect(call('change', { communityId: 'gold', poolSize: 1_000_000 })).rejects.toMatchObject(refusal);
  });

  test('of bots of which nothing was learned, each counts with the pace at which link-worker begins', async () => {
    const refusalOf = (most: number): object => ({
      issues: [{ message: expect.stringContaining(`at most ${most}:`) }],
    });
    const large = { botIds: ['111', '222'], poolSize: 1_000_000_000 };
    await expect(connect(large)).rejects.toMatchObject(refusalOf(12_960_000));
    const report = {
      service: 'link-worker' as const,
      checkedAt: '2026-01-01T00:00:00.000Z',
      checkIds: [],
      findings: [],
      facts: { poolMaxAgeHours: '10', linksPerSecondAtStart: '1' },
    };
    await operator.backend.store.commit([createDocument(healthReports, 'link-worker', report)]);
    await expect(connect(large)).rejects.toMatchObject(refusalOf(36_000));
    await expect(call('change', { communityId: 'default', poolSize: 18_001 })).rejects.toMatchObject(refusalOf(18_000));
  });

  test('the bots are listed with the communities that they serve', async () => {
    await connect({ botIds: ['111', '222'] });
    await connect({ communityId: 'alpha', chatId: '-1002', botIds: ['222'] });
    const listed = await operator.callWith(
      { taskQueue: new AnsweringTaskQueue(operator.backend.store, telegram) },
      'bots.list',
    );
    expect(listed).toEqual({
      bots: [
        { botId: '111', isDefault: true, username: 'first_bot', communityIds: ['gold'] },
        { botId: '222', isDefault: false, username: 'second_bot', communityIds: ['alpha', 'gold'] },
      ],
    });
  });

  test('a bot that a community names is listed when its token is missing', async () => {
    await connect({ botIds: ['111', '222'] });
    telegram = { ...telegram, bots: [{ botId: '111', username: 'first_bot' }] };
    const { bots } = await operator.callWith<{ readonly bots: readonly object[] }>(
      { taskQueue: new AnsweringTaskQueue(operator.backend.store, telegram) },
      'bots.list',
    );
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
});
