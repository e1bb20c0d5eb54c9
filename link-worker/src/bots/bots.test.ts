import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { COMMUNITY_FRESH_MS, KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { environmentCommunity } from '@paid-community/shared/model/communities/default-community.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { communities, type Community } from '@paid-community/shared/model/communities/community.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { HELD_BACK_MS } from './bot.ts';
import { Bots } from './bots.ts';

const SPACING_MS = 200;
const ENVIRONMENT = environmentCommunity({ chatId: '-1007', botId: '7' });

const community = (communityId: string, botIds: readonly string[], chatId = `-100${communityId}`): Community => ({
  ...ENVIRONMENT,
  communityId,
  botIds,
  chatId,
});

const DISCONNECTED = { state: 'disconnected', disconnectedAt: '2026-01-01T00:00:00.000Z' } as const;

describe('the bots of a process', () => {
  let clock: ManualClock;
  let backend: Backend;
  let close: () => Promise<void>;
  /** What Telegram answers a bot instead of a success. */
  const refusals = new Map<string, TelegramApiError>();
  const calls: (readonly [string, unknown])[] = [];

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    refusals.clear();
    calls.length = 0;
  });

  afterEach(() => close());

  async function stored(...all: readonly Community[]): Promise<void> {
    for (const one of all) await changeDocument(backend.store, communities, one.communityId, () => one);
  }

  function botsOf(...botIds: readonly string[]): Bots {
    const apis = botIds.map((botId) => {
      const call = (method: string, parameters: object = {}): Promise<unknown> => {
        calls.push([botId, { method, ...parameters }]);
        const refusal = refusals.get(botId);
        return refusal === undefined ? Promise.resolve(true) : Promise.reject(refusal);
      };
      return [botId, { call, close: () => undefined }] as const;
    });
    const bounds = { adaptive: false, startPerSecond: 1_000 / SPACING_MS, floorPerSecond: 0.02, ceilingPerSecond: 30 };
    return new Bots(
      { apis: new Map(apis), instanceId: 'instance', bounds, atOnce: 1 },
      {
        communities: new KnownCommunities({ store: backend.store, clock }, ENVIRONMENT),
        store: backend.store,
        eventBus: backend.eventBus,
        clock,
        log: silentLog,
      },
    );
  }

  const botIdsOf = async (bots: Bots, communityId: string): Promise<readonly string[]> =>
    (await bots.of(communityId)).botIds;

  test('a community is served by its bots, in its chat; one bot can serve several communities', async () => {
    await stored(community('gold', ['8', '9']), community('blue', ['8']));
    const bots = botsOf('7', '8', '9');
    expect(await botIdsOf(bots, 'default')).toEqual(['7']);
    expect(await botIdsOf(bots, 'gold')).toEqual(['8', '9']);
    expect(await botIdsOf(bots, 'blue')).toEqual(['8']);
    const gold = await bots.of('gold');
    await gold.chat.call(gold.bots[0], 'getChat', {});
    expect(calls).toEqual([['8', { method: 'getChat', chat_id: '-100gold' }]]);
  });

  test('communities with the same bots share one list of them', async () => {
    await stored(community('gold', ['7', '8']), community('blue', ['7', '8']), community('red', ['8', '7']));
    const bots = botsOf('7', '8');
    const gold = await bots.of('gold');
    const blue = await bots.of('blue');
    expect(blue.bots).toBe(gold.bots);
    expect(blue.botIds).toBe(gold.botIds);
    expect(await botIdsOf(bots, 'red')).toEqual(['8', '7']);
  });

  test('a community that is added, or is given other bots, needs no restart', async () => {
    const bots = botsOf('7', '8');
    await expect(bots.of('gold')).rejects.toMatchObject({ code: 'unknown_community' });
    await stored(community('gold', ['7']));
    expect(await botIdsOf(bots, 'gold')).toEqual(['7']);
    await stored(community('gold', ['8']));
    clock.advance(COMMUNITY_FRESH_MS);
    expect(await botIdsOf(bots, 'gold')).toEqual(['8']);
  });

  test('nobody serves a community that is waiting or disconnected: the words say what to do', async () => {
    await stored(
      { ...community('new', ['7']), state: 'waiting' },
      { ...community('old', ['7']), state: 'disconnected', disconnectedAt: '2026-01-01T00:00:00.000Z' },
    );
    const bots = botsOf('7');
    await expect(bots.of('new')).rejects.toMatchObject({ name: 'PermanentError', code: 'community_waiting' });
    await expect(bots.of('old')).rejects.toMatchObject({ code: 'community_disconnected', message: /connect it again/ });
  });

  test('of the bots of a community those serve it whose tokens are there; without any, the words name the bots', async () => {
    await stored(community('gold', ['8', '9']), community('blue', ['9']));
    const bots = botsOf('7', '8');
    expect(await botIdsOf(bots, 'gold')).toEqual(['8']);
    await expect(bots.of('blue')).rejects.toMatchObject({
      code: 'bot_without_token',
      message: expect.stringMatching(/"blue" needs the bot 9.*TELEGRAM_BOT_TOKENS/),
    });
  });

  test('the bot that can call soonest makes the next call', async () => {
    await stored(community('gold', ['7', '8']));
    const bots = botsOf('7', '8');
    const made: string[] = [];
    for (let call = 0; call < 4; call += 1) {
      const { bot } = await bots.soonest('gold', 'link');
      const turns = bots.throttle.turns(bot.botId, 'link', { communityId: 'gold', callClass: 'purchase' });
      expect(await turns.turn()).toEqual({ granted: true });
      turns.over();
      made.push(bot.botId);
      clock.advance(SPACING_MS / 2);
    }
    expect(made).toEqual(['7', '8', '7', '8']);
    await bots.throttle
      .turns('7', 'link', { communityId: 'gold', callClass: 'purchase' })
      .refused(clock.monotonicMs(), 30_000);
    expect((await bots.soonest('gold', 'link')).bot.botId).toBe('8');
  });

  test('calls of the same moment are spread over the bots that are free', async () => {
    await stored(community('gold', ['7', '8']));
    const bots = botsOf('7', '8');
    const asked = { communityId: 'gold', callClass: 'purchase' } as const;
    const found = await Promise.all([1, 2, 3, 4].map(() => bots.soonestTurn('link', asked)));
    expect(found.map(({ serving }) => serving.bot.botId).toSorted()).toEqual(['7', '7', '8', '8']);
  });

  test('a bot whose token is refused is left alone in every community; without another one it is asked again', async () => {
    await stored(community('gold', ['7', '8']), community('blue', ['7', '8']));
    const bots = botsOf('7', '8');
    refusals.set('7', new TelegramApiError({ errorCode: 401, description: 'Unauthorized' }));
    await expect((await bots.soonest('gold', 'link')).call('createChatInviteLink', {})).rejects.toThrow('401');
    expect((await bots.soonest('gold', 'link')).bot.botId).toBe('8');
    expect((await bots.soonest('blue', 'link')).bot.botId).toBe('8');
    expect((await bots.soonest('default', 'link')).bot.botId).toBe('7');
    clock.advance(HELD_BACK_MS);
    expect((await bots.soonest('gold', 'link')).bot.botId).toBe('7');
  });

  test('a bot that lacks a right in one chat is left alone there, and goes on elsewhere', async () => {
    await stored(community('gold', ['7', '8']), community('blue', ['7', '8']));
    const bots = botsOf('7', '8');
    refusals.set('7', new TelegramApiError({ errorCode: 400, description: 'Bad Request: CHAT_ADMIN_REQUIRED' }));
    await expect((await bots.soonest('gold', 'link')).call('createChatInviteLink', {})).rejects.toThrow('400');
    expect((await bots.soonest('gold', 'link')).bot.botId).toBe('8');
    expect((await bots.soonest('blue', 'link')).bot.botId).toBe('7');
    refusals.clear();
    await (await bots.maker('gold', { botId: '7' })).call('revokeChatInviteLink', {});
    expect((await bots.soonest('gold', 'link')).bot.botId).toBe('7');
  });

  test('a link is revoked by its maker, in its own chat, whatever became of its community', async () => {
    await stored(
      community('gold', ['8']),
      { ...community('new', ['8']), state: 'waiting' },
      { ...community('old', ['8']), ...DISCONNECTED },
    );
    const bots = botsOf('7', '8');
    const inFirst = { botId: '7', telegramChatId: '-100first' };
    for (const communityId of ['gold', 'new', 'old', 'unknown'])
      await (await bots.maker(communityId, inFirst)).call('revokeChatInviteLink', {});
    expect(calls).toEqual(Array(4).fill(['7', { method: 'revokeChatInviteLink', chat_id: '-100first' }]));
    expect((await bots.maker('gold', {})).bot.botId).toBe('7');
    await expect(bots.maker('gold', { ...inFirst, botId: '9' })).rejects.toMatchObject({ code: 'bot_without_token' });
  });

  test('a link whose chat is not recorded is revoked in the chat that its community has, or had last', async () => {
    await stored(
      community('gold', ['8']),
      { ...community('old', ['8']), ...DISCONNECTED },
      { ...community('new', ['8']), state: 'waiting' },
    );
    const bots = botsOf('7', '8');
    for (const communityId of ['gold', 'old'])
      expect((await bots.maker(communityId, { botId: '7' })).chat.configuredId).toBe(`-100${communityId}`);
    await expect(bots.maker('new', { botId: '7' })).rejects.toMatchObject({ code: 'community_waiting' });
  });

  test('a call in a chat that the community had before changes nothing of what is known of its present one', async () => {
    await stored(community('gold', ['7', '8']));
    const bots = botsOf('7', '8');
    refusals.set('7', new TelegramApiError({ errorCode: 400, description: 'Bad Request: CHAT_ADMIN_REQUIRED' }));
    await expect((await bots.soonest('gold', 'link')).call('createChatInviteLink', {})).rejects.toThrow('400');
    refusals.clear();
    await (await bots.maker('gold', { botId: '7', telegramChatId: '-100first' })).call('revokeChatInviteLink', {});
    expect((await bots.soonest('gold', 'link')).bot.botId).toBe('8');
    await (await bots.maker('gold', { botId: '7', telegramChatId: '-100gold' })).call('revokeChatInviteLink', {});
    expect((await bots.soonest('gold', 'link')).bot.botId).toBe('7');
  });

  test('a purchase has a place in line as soon as there is a second community, also when that one wants nothing yet', async () => {
    const alone = botsOf('7');
    expect(await alone.placeInLine('default')).toBeUndefined();
    await stored(community('gold', ['7']));
    clock.advance(COMMUNITY_FRESH_MS);
    expect(await alone.placeInLine('default')).toMatchObject({ notBefore: clock.now() });
    expect(await alone.placeInLine('nobody')).toBeUndefined();
  });
});
