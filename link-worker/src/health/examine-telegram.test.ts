import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { chatStandings } from '@paid-community/shared/model/communities/chat-standing.ts';
import { communities, type Community } from '@paid-community/shared/model/communities/community.ts';
import { environmentCommunity } from '@paid-community/shared/model/communities/default-community.ts';
import { connectionCodeId, connectionCodes } from '@paid-community/shared/model/communities/connection-code.ts';
import type { Finding, HealthReport } from '@paid-community/shared/model/operations/health-report.ts';
import { communityEvents } from '@paid-community/shared/model/topics.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { changeDocument, createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { Bots } from '../bots/bots.ts';
import { examineTelegram, type TelegramExamination } from './examine-telegram.ts';
import type { UpdatesSetting } from './webhook-findings.ts';

const ENVIRONMENT = environmentCommunity({ chatId: '-1001', botId: '7' });
const WELL = { status: 'administrator', can_invite_users: true, can_restrict_members: true };
const unauthorized = new TelegramApiError({ errorCode: 401, description: 'Unauthorized' });

describe('a look at Telegram', () => {
  let clock: ManualClock;
  let backend: Backend;
  let close: () => Promise<void>;
  let eventBus: RecordingEventBus;
  let known: HealthReport | undefined;
  let bots: Bots;
  let knownCommunities: KnownCommunities;
  let updates: UpdatesSetting;
  /** What Telegram answers: of `<bot> <method>`, or `<bot> <method> <chat>`. */
  let answers: Record<string, unknown>;
  let calls: string[];

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    eventBus = new RecordingEventBus();
    known = undefined;
    updates = { by: 'polling' };
    answers = {};
    calls = [];
    begin('7', '8');
  });

  afterEach(() => close());

  function begin(...botIds: readonly string[]): void {
    knownCommunities = new KnownCommunities({ store: backend.store, clock }, ENVIRONMENT);
    const apis = botIds.map((botId) => {
      const call = (method: string, parameters: object = {}): Promise<unknown> => {
        const { chat_id: chatId = '' } = parameters as { chat_id?: string };
        const name = `${botId} ${method} ${chatId}`.trim();
        calls.push(name);
        const answer = answers[name] ?? answers[`${botId} ${method}`] ?? usual(botId, method, chatId);
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      };
      return [botId, { call, close: () => undefined }] as const;
    });
    const bounds = { adaptive: false, startPerSecond: Infinity, floorPerSecond: 0.02, ceilingPerSecond: 30 };
    bots = new Bots(
      { apis: new Map(apis), instanceId: 'instance', bounds, atOnce: 1 },
      { communities: knownCommunities, store: backend.store, eventBus, clock, log: silentLog },
    );
  }

  const usual = (botId: string, method: string, chatId: string): unknown =>
    ({
      getMe: { username: `bot_${botId}` },
      getChat: { id: Number(chatId), type: 'supergroup', title: 'A chat' },
      getChatMember: WELL,
      getChatMemberCount: 12,
      getWebhookInfo: { url: '' },
      setWebhook: true,
    })[method];

  /** Each stored change is newer than the one before. */
  async function stored(...all: readonly Partial<Community>[]): Promise<void> {
    for (const change of all) {
      clock.advance(10_000);
      const community = { ...ENVIRONMENT, updatedAt: new Date(clock.now()).toISOString(), ...change } as Community;
      await changeDocument(backend.store, communities, community.communityId, () => community);
    }
  }

  const gold = { communityId: 'gold', name: 'Gold', chatId: '-1002', botIds: ['8'] };

  async function look(
    part: { readonly chatId?: string; readonly fix?: boolean } = {},
  ): Promise<TelegramExamination | undefined> {
    calls.length = 0;
    const check = { checkId: 'check-1', scheduled: false, fix: false, chatId: undefined, ...part };
    const examined = await examineTelegram(check, known, {
      bots,
      communities: knownCommunities,
      store: backend.store,
      eventBus,
      updates,
      clock,
      log: silentLog,
      otherFindings: () => Promise.resolve([{ check: 'store_owner', state: 'ok', meaning: '' }]),
    });
    if (examined !== undefined) {
      const checkedAt = new Date(clock.now()).toISOString();
      const findings = examined.findings.map((finding) => ({ ...finding, since: checkedAt }));
      known = { service: 'link-worker', checkedAt, checkIds: [], findings, facts: examined.facts };
    }
    return examined;
  }

  const found = (check: string): Finding | undefined => known?.findings.find((finding) => finding.check === check);
  const told = (): unknown[] => eventBus.eventsOn(communityEvents).map(({ type, data }) => [type, data]);
  const standing = async (communityId: string) => (await backend.store.get(chatStandings, communityId))?.data;

  test('with one bot and the community of the settings the findings have the names that they have always had', async () => {
    begin('7');
    const { findings = [] } = (await look()) ?? {};
    expect(findings.map(({ check }) => check)).toEqual([
      'store_owner',
      'telegram_api',
      'bot_token',
      'chat',
      'bot_rights',
      'webhook_url',
      'telegram_pause',
      'clock_telegram',
    ]);
    expect(known?.facts).toEqual({ updatesBy: 'polling', chatId: '-1001' });
    expect(calls.length).toBeLessThanOrEqual(6);
  });

  test('tells each further bot and each community apart, and records how each community stands', async () => {
    await stored(gold);
    answers['8 getMe'] = unauthorized;
    answers['8 getChatMember'] = unauthorized;
    await look();
    expect(found('bot_token')).toMatchObject({ state: 'ok', meaning: 'The token is that of @bot_7' });
    expect(found('bot_token 8')).toMatchObject({
      state: 'failing',
      meaning: expect.stringContaining('the token of the bot 8'),
      advice: expect.stringContaining('TELEGRAM_BOT_TOKENS'),
    });
    expect(found('community gold')).toMatchObject({
      state: 'failing',
      meaning: expect.stringMatching(/^Gold \(chat -1002/),
    });
    expect(await standing('gold')).toMatchObject({ faults: [expect.any(String)], bots: [{ status: 'token_refused' }] });
    expect(await standing('default')).toMatchObject({
      faults: [],
      title: 'A chat',
      memberCount: 12,
      kind: 'supergroup',
    });
  });

  test('a right that is lost is told once, within the look; what comes back, too', async () => {
    await stored({ ...gold, removal: 'on' });
    await look();
    expect(told()).toEqual([]);
    answers['8 getChatMember'] = { ...WELL, can_restrict_members: false };
    for (let again = 0; again < 3; again += 1) await look({ chatId: '-1002' });
    const since = new Date(clock.now()).toISOString();
    const faults = [expect.stringMatching(/@bot_8 .*can_restrict_members.*removal "on"/)];
    expect(told()).toEqual([['CommunityImpaired', { communityId: 'gold', since, faults }]]);
    expect(found('community gold')).toMatchObject({ state: 'warning' });
    delete answers['8 getChatMember'];
    const { restored } = (await look({ chatId: '-1002' })) ?? {};
    expect([...(restored ?? [])]).toEqual(['gold']);
    await look();
    expect(told().slice(1)).toEqual([['CommunityRestored', { communityId: 'gold', since }]]);
  });

  test('an event that was not published is published by the next look, as the same one', async () => {
    await stored(gold);
    answers['8 getChatMember'] = { status: 'left' };
    eventBus.failNext = new RetryableError('bus_down', 'the bus is down');
    await expect(look()).rejects.toThrow('the bus is down');
    const since = new Date(clock.now()).toISOString();
    clock.advance(60_000);
    await look();
    await look();
    expect(told()).toMatchObject([['CommunityImpaired', { communityId: 'gold', since }]]);
  });

  test('when Telegram does not answer, nothing is known: no event, and what was known stays', async () => {
    await stored(gold);
    answers['8 getChatMember'] = { status: 'left' };
    await look();
    const before = await standing('gold');
    for (const method of ['getChat', 'getChatMember', 'getChatMemberCount'])
      answers[`8 ${method}`] = new TelegramCallError('no answer');
    await look();
    expect(found('community gold')).toMatchObject({ state: 'unknown' });
    expect(await standing('gold')).toEqual(before);
    expect(told()).toHaveLength(1);
  });

  test('a chat of which all bots are out may have been deleted, and then the community is to be disconnected', async () => {
    await stored(gold);
    answers['8 getChatMember'] = { status: 'left' };
    await look();
    expect(found('community gold')).toMatchObject({
      state: 'failing',
      meaning: expect.stringContaining('or the chat was deleted'),
      advice: expect.stringContaining('When the chat was deleted, disconnect the community'),
    });
  });

  test('of two bots one may be without a word: what was known of it counts', async () => {
    await stored({ ...gold, botIds: ['7', '8'] });
    answers['8 getChatMember'] = { status: 'left' };
    await look();
    answers['8 getChatMember'] = new TelegramApiError({ errorCode: 429, description: '', retryAfterSeconds: 1_000 });
    await look();
    expect((await standing('gold'))?.bots).toMatchObject([
      { botId: '7', mayInvite: true },
      { botId: '8', status: 'left' },
    ]);
    expect(told()).toHaveLength(1);
  });

  test('a check about one chat looks at that chat only, and keeps what is known of the others', async () => {
    await stored(gold, { ...gold, communityId: 'blue', chatId: '-1003' });
    await look();
    const before = known?.findings.length;
    await look({ chatId: '-1003' });
    expect(calls.every((call) => call.endsWith(' -1003'))).toBe(true);
    expect(known?.findings).toHaveLength(before ?? 0);
    await look({ chatId: '-1001' });
    expect(calls.some((call) => call.startsWith('8'))).toBe(false);
    expect(known?.findings).toHaveLength(before ?? 0);
    expect(await look({ chatId: '-1009' })).toBeUndefined();
    const justNow = { ...ENVIRONMENT, ...gold, communityId: 'new', chatId: '-1009' };
    await createIfAbsent(backend.store, communities, 'new', {
      ...justNow,
      updatedAt: new Date(clock.now()).toISOString(),
    });
    expect(await look({ chatId: '-1009' })).toBeDefined();
  });

  test('a community without the token of any bot, or that is disconnected, is told as it is', async () => {
    await stored({ ...gold, botIds: ['9'] });
    await look();
    expect(found('community gold')).toMatchObject({
      state: 'failing',
      meaning: expect.stringContaining('TELEGRAM_BOT_TOKENS'),
    });
    await stored({ ...gold, state: 'disconnected', disconnectedAt: '2026-01-01T00:00:00.000Z' });
    clock.advance(10_000);
    await look();
    expect(found('community gold')).toBeUndefined();
    await stored({
      communityId: 'default',
      state: 'disconnected',
      disconnectedAt: '2026-01-01T00:00:00.000Z',
    });
    clock.advance(10_000);
    await look();
    expect(found('chat')).toMatchObject({ state: 'warning', meaning: expect.stringContaining('disconnected') });
  });

  test('a thousand communities have their turn one part after the other; the report names those that lack something', async () => {
    const many = Array.from({ length: 1_000 }, (_, number) => ({
      ...ENVIRONMENT,
      ...gold,
      communityId: `c${number}`,
      chatId: `-2${number}`,
      updatedAt: new Date(clock.now() + number).toISOString(),
    }));
    await Promise.all(many.map((one) => createIfAbsent(backend.store, communities, one.communityId, one)));
    answers['8 getChatMember -2999'] = { status: 'left' };
    const looked = new Set<string>();
    for (let check = 0; check < 7; check += 1) {
      await look();
      expect(calls.length).toBeLessThan(550);
      for (const call of calls) if (call.startsWith('8 getChat -2')) looked.add(call);
    }
    expect(looked.size).toBe(1_000);
    expect(known?.findings.filter(({ check }) => check.startsWith('community '))).toMatchObject([
      { check: 'community c999', state: 'failing' },
    ]);
    expect(found('communities')).toMatchObject({ meaning: expect.stringMatching(/1000 communities.*1 lack/) });
  });

  test('--fix sets the webhook of each bot, and says what was done', async () => {
    updates = { by: 'webhook', baseUrl: 'https://pay.example.com', secret: 'hook' };
    answers['8 setWebhook'] = unauthorized;
    await look({ fix: true });
    expect(calls.filter((call) => call.includes('setWebhook'))).toEqual(['7 setWebhook', '8 setWebhook']);
    expect(known?.facts['fix']).toMatch(/^The webhook was set; .* Bot 8: The webhook could not be set: .*401/);
  });

  test('messages are asked for while a connection code of the bot is open, and no longer', async () => {
    updates = { by: 'webhook', baseUrl: 'https://pay.example.com', secret: 'hook' };
    const url = 'https://pay.example.com/v1/telegram/webhook/8';
    answers['8 getWebhookInfo'] = { url, allowed_updates: ['chat_member', 'my_chat_member', 'chat_join_request'] };
    await look();
    expect(calls).not.toContain('8 setWebhook');
    const createdAt = new Date(clock.now()).toISOString();
    const expiresAt = new Date(clock.now() + 3_600_000).toISOString();
    const code = { communityId: 'gold', botId: '8', createdAt, expiresAt };
    await createIfAbsent(backend.store, connectionCodes, connectionCodeId('code'), code);
    await look();
    expect(calls).toContain('8 setWebhook');
    answers['8 getWebhookInfo'] = {
      url,
      allowed_updates: ['chat_member', 'my_chat_member', 'chat_join_request', 'message'],
    };
    await look();
    expect(calls).not.toContain('8 setWebhook');
    clock.advance(3_700_000);
    await look();
    expect(calls).toContain('8 setWebhook');
  });
});
