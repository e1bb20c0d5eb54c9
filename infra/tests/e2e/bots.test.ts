import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, statusOf } from './harness/buyer.ts';
import {
  callOperator,
  connect,
  FIRST_BOT,
  GOLD,
  GOLD_CHAT,
  mustSucceed,
  openWorldOfChats,
  SECOND_BOT,
  startWorldOfChats,
} from './harness/communities.ts';
import { SECOND_BOT_TOKEN } from './harness/credentials.ts';
import { health, lineOf } from './harness/diagnosis.ts';
import { linkInMessage } from './harness/promise.ts';
import { closeWorlds } from './harness/world.ts';

afterEach(closeWorlds);

describe('several bots', () => {
  test('the webhook of each is registered at a path of its own', async () => {
    const world = await startWorldOfChats();
    const { lines } = await health(world);
    const urls = lines.filter(({ check }) => check.startsWith('webhook_url'));
    expect(urls).toMatchObject([
      { check: 'webhook_url', state: 'ok', meaning: expect.stringMatching(/\/v1\/telegram\/webhook$/) },
      { check: `webhook_url ${SECOND_BOT}`, state: 'ok', meaning: expect.stringContaining(`/webhook/${SECOND_BOT}`) },
    ]);
    expect(lines.filter(({ check }) => check.startsWith('community '))).toMatchObject([
      { check: 'community gold', state: 'ok' },
      { check: 'community signals', state: 'ok' },
    ]);
  });

  test('a token that is revoked stops that bot: the other one makes the links, and doctor names the bot', async () => {
    const world = await openWorldOfChats();
    await world.start();
    const botIds = [String(SECOND_BOT), String(FIRST_BOT)];
    await mustSucceed(connect(world, { communityId: 'signals', chatId: '@e2e_signals', botIds }));
    const makerOf = async (userId: string): Promise<number | undefined> => {
      const purchase = await buy(world.url, { userId, communityId: 'signals' });
      return world.telegram.links.get(await linkInMessage(world, purchase))?.botId;
    };
    expect(await makerOf('a')).toBe(SECOND_BOT);
    world.telegram.bot(SECOND_BOT).revokeToken();
    for (const userId of ['b', 'c', 'd']) expect(await makerOf(userId)).toBe(FIRST_BOT);
    const refused = world.printed.split('\n').filter((line) => /telegram_401.*"link call"/.test(line));
    expect(refused).toHaveLength(1);
    const { lines } = await health(world);
    expect(lines).toContainEqual(expect.objectContaining({ check: `bot_token ${SECOND_BOT}`, state: 'failing' }));
    expect(lines).toContainEqual(expect.objectContaining({ check: 'community signals', state: 'warning' }));
    expect(lines).toContainEqual(expect.objectContaining({ check: 'bot_token', state: 'ok' }));
  });

  test('a purchase whose only bot has no token waits, says why, and gets its link after a start with the token', async () => {
    const world = await startWorldOfChats();
    await world.process.stop();
    await world.start({ settings: { TELEGRAM_BOT_TOKENS: '' } });
    const purchase = await buy(world.url, { userId: 'u', communityId: 'gold' });
    await eventually(async () =>
      expect(await callOperator(world, 'GET', `/requests/${purchase.requestId}`)).toMatchObject({
        json: { request: { status: 'PROCESSING', lastError: { code: 'bot_without_token' } } },
      }),
    );
    expect(lineOf(await health(world), 'community gold')).toMatchObject({
      state: 'failing',
      meaning: expect.stringContaining('TELEGRAM_BOT_TOKENS'),
    });
    await world.process.stop();
    await world.start();
    await health(world);
    await linkInMessage(world, purchase);
  });

  test('a link is revoked by the bot that made it, also when the community has another bot by now', async () => {
    const world = await startWorldOfChats();
    const purchase = await buy(world.url, { userId: 'u', communityId: 'gold' });
    const before = await linkInMessage(world, purchase);
    world.telegram.chat(GOLD_CHAT).setBotStanding(FIRST_BOT, 'inviting_administrator');
    await mustSucceed(callOperator(world, 'POST', '/communities/gold', { botIds: [String(FIRST_BOT)] }));
    // A look at Telegram begins with a look at which communities there are.
    await health(world);
    const next = await buy(world.url, { userId: 'v', communityId: 'gold' });
    expect(world.telegram.links.get(await linkInMessage(world, next))).toMatchObject({ botId: FIRST_BOT });
    await mustSucceed(callOperator(world, 'POST', `/requests/${purchase.requestId}/reissue`, {}));
    await eventually(async () =>
      expect(await callOperator(world, 'GET', `/requests/${purchase.requestId}`)).toMatchObject({
        json: { request: { status: 'DONE', generation: 2 } },
      }),
    );
    expect(world.telegram.links.get(before)).toMatchObject({ botId: SECOND_BOT, revoked: true });
  });
});

describe('a community', () => {
  test('with a link TTL of its own has links that end by it; those of the others end by LINK_TTL_HOURS', async () => {
    const world = await openWorldOfChats({ settings: { LINK_TTL_HOURS: '1' } });
    await world.start();
    await mustSucceed(
      callOperator(world, 'POST', '/communities', {
        ...GOLD,
        name: 'Gold',
        entry: 'link',
        removal: 'off',
        linkTtl: 'P2D',
      }),
    );
    const secondsOf = async (communityId: string): Promise<number> => {
      const inviteLink = await linkInMessage(world, await buy(world.url, { userId: communityId, communityId }));
      const { expireDate = 0, createdAt = 0 } = world.telegram.links.get(inviteLink) ?? {};
      return expireDate - createdAt / 1_000;
    };
    expect(Math.abs((await secondsOf('gold')) - 2 * 24 * 3_600)).toBeLessThan(60);
    expect(Math.abs((await secondsOf('default')) - 3_600)).toBeLessThan(60);
  });

  test('that loses a right is known within seconds; its purchases wait, and go on when the right is back; others go on', async () => {
    const world = await startWorldOfChats();
    const goldStands = async (): Promise<unknown> => (await callOperator(world, 'GET', '/communities/gold')).json;
    world.telegram.chat(GOLD_CHAT).setBotStanding(SECOND_BOT, { rights: [] });
    const lacking = 'can_invite_users';
    await eventually(async () => expect(JSON.stringify(await goldStands())).toContain(lacking), { timeoutMs: 10_000 });
    const waiting = await buy(world.url, { userId: 'u', communityId: 'gold' });
    await linkInMessage(world, await buy(world.url, { userId: 'v', communityId: 'signals' }));
    await eventually(async () =>
      expect(await statusOf(world.url, waiting.requestId)).toMatchObject({ status: 'PROCESSING' }),
    );
    world.telegram.chat(GOLD_CHAT).setBotStanding(SECOND_BOT, 'inviting_administrator');
    await linkInMessage(world, waiting);
    await eventually(async () => expect(JSON.stringify(await goldStands())).not.toContain(lacking));
    expect(world.printed).toMatch(/the community lacks what its settings need/);
    expect(world.printed).toMatch(/all that the community needs in its chat is there again/);
  });

  test('that is disconnected takes what waits for it to the dead letters, with the reason; connected again they can be retried', async () => {
    const world = await startWorldOfChats();
    world.telegram.bot(SECOND_BOT).pauseLinks(5);
    const purchase = await buy(world.url, { userId: 'u', communityId: 'gold' });
    await mustSucceed(callOperator(world, 'POST', '/communities/gold/disconnect', {}));
    // A running system knows of it within ten seconds.
    await world.process.stop();
    await world.start();
    await eventually(
      async () =>
        expect(await callOperator(world, 'GET', `/requests/${purchase.requestId}`)).toMatchObject({
          json: { request: { status: 'FAILED', lastError: { code: 'community_disconnected' } } },
        }),
      { timeoutMs: 30_000 },
    );
    await mustSucceed(connect(world, GOLD));
    await mustSucceed(callOperator(world, 'POST', '/requests/retry', { ids: [purchase.requestId] }));
    await linkInMessage(world, purchase);
  });
});

test('a further token that is none is named by its place', async () => {
  const world = await openWorldOfChats();
  const process = world.spawn({ settings: { TELEGRAM_BOT_TOKENS: `${SECOND_BOT_TOKEN}, nonsense` } });
  expect(await process.exited).toMatchObject({ code: 2 });
  expect(process.stderr).toMatch(/TELEGRAM_BOT_TOKENS .*of the 2, number 2 is not/);
});
