import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, postPurchase } from './harness/buyer.ts';
import {
  callOperator,
  connect,
  FIRST_BOT,
  FRIENDS_CHAT,
  GOLD,
  GOLD_CHAT,
  openWorldOfChats,
  SECOND_BOT,
  SIGNALS_CHAT,
} from './harness/communities.ts';
import { ops } from './harness/ops.ts';
import { eventsOf, linkInMessage } from './harness/promise.ts';
import { LINK_CREATED } from './harness/wire.ts';
import { closeWorlds, type World } from './harness/world.ts';

afterEach(closeWorlds);

/** Connects nobody yet. */
async function startedWorld(): Promise<World> {
  const world = await openWorldOfChats();
  await world.start();
  return world;
}

describe('communities', () => {
  test('one is connected while the system runs; its purchases get links in its chat, by its bot, and name it to WebEngage', async () => {
    const world = await startedWorld();
    expect((await connect(world, GOLD)).status).toBe(200);
    const purchase = { userId: 'u', transactionId: 't' };
    const first = await buy(world.url, { ...purchase, communityId: 'gold' });
    const inviteLink = await linkInMessage(world, first);
    expect(world.telegram.links.get(inviteLink)).toMatchObject({ chatId: GOLD_CHAT });
    expect(eventsOf(world, LINK_CREATED)).toMatchObject([
      { eventData: { inviteLink, communityId: 'gold', communityName: 'gold' } },
    ]);
    const other = await buy(world.url, { userId: 'v' });
    await linkInMessage(world, other);
    const [, ofDefault] = eventsOf(world, LINK_CREATED);
    expect(Object.keys(ofDefault?.eventData ?? {}).toSorted()).toEqual(['inviteLink', 'transactionId']);
  });

  test.each([
    ['a basic group', { ...GOLD, chatId: String(FRIENDS_CHAT), botIds: [String(FIRST_BOT)] }, /basic group|cannot see/],
    ['a chat where its bot is not', { ...GOLD, botIds: [String(FIRST_BOT)] }, /cannot see|no administrator/],
    ['a chat that there is not', { ...GOLD, chatId: '-1009999999999' }, /cannot see/],
    ['a bot without a token', { ...GOLD, botIds: ['999'] }, /TELEGRAM_BOT_TOKENS/],
  ])('%s is refused, and nothing is written', async (_, body, words) => {
    const world = await startedWorld();
    const { status, json } = await connect(world, body);
    expect([status, (json as { error?: { message?: string } }).error?.message]).toEqual([
      409,
      expect.stringMatching(words),
    ]);
    expect((await callOperator(world, 'GET', '/communities/gold')).status).toBe(404);
    expect((await postPurchase(world.url, { userId: 'u', communityId: 'gold' })).status).toBe(400);
  });

  test('a group is connected by the link that its administrator taps; its links live as long as the community says', async () => {
    const world = await startedWorld();
    const chatId = -1_001_234_500_009;
    world.telegram.addChat({ chatId, title: 'Silver', kind: 'supergroup' });
    const body = { communityId: 'silver', name: 'Silver', entry: 'link', removal: 'off', linkTtl: 'PT2H' };
    const { json } = await callOperator(world, 'POST', '/communities', body);
    const { community, links } = json as { community: object; links: readonly { readonly group: string }[] };
    expect(community).toMatchObject({ state: 'waiting' });
    expect((await postPurchase(world.url, { userId: 'u', communityId: 'silver' })).status).toBe(400);
    await eventually(() => expect(world.telegram.bot(FIRST_BOT).calls.of('setWebhook')).toBeGreaterThan(1));
    world.telegram.tap({ link: links[0]?.group ?? '', chatId });
    await eventually(async () =>
      expect((await callOperator(world, 'GET', '/communities/silver')).json).toMatchObject({
        community: { state: 'connected', chatId: String(chatId) },
      }),
    );
    const boughtAt = Date.now();
    const inviteLink = await linkInMessage(world, await buy(world.url, { userId: 'u', communityId: 'silver' }));
    const link = world.telegram.links.get(inviteLink);
    expect(link).toMatchObject({ chatId });
    const livesMs = Number(link?.expireDate) * 1_000 - boughtAt;
    expect(livesMs).toBeGreaterThan(2 * 3_600_000 - 2_000);
    expect(livesMs).toBeLessThan(2 * 3_600_000 + 60_000);
  });

  test('of two operators who connect one chat at the same moment, one wins', async () => {
    const world = await startedWorld();
    const answers = await Promise.all([connect(world, GOLD), connect(world, { ...GOLD, communityId: 'other' })]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });

  test('as an operator types it: connect, list, show, change, disconnect; and then it takes no purchases', async () => {
    const world = await startedWorld();
    const connectArgs = ['communities', 'connect', 'gold', '--chat', String(GOLD_CHAT), '--bots', String(SECOND_BOT)];
    expect(await ops(world, connectArgs)).toMatchObject({ code: 2, stderr: expect.stringContaining('--removal') });
    const connected = await ops(world, [...connectArgs, '--removal', 'off', '--name', 'Gold signals']);
    expect(connected).toMatchObject({ code: 0, stdout: expect.stringMatching(/state +connected/) });
    expect(await ops(world, ['communities', 'list'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^gold +Gold signals +connected +-1001234500002/m),
    });
    expect((await ops(world, ['communities', 'change', 'gold', '--link-ttl', 'PT2H', '--json'])).json).toMatchObject({
      community: { linkTtl: 'PT2H', name: 'Gold signals' },
    });
    expect(await ops(world, ['communities', 'show', 'gold'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/link TTL +PT2H/),
    });
    expect((await ops(world, ['bots', 'list', '--json'])).json).toMatchObject({
      bots: [
        { botId: String(FIRST_BOT), isDefault: true },
        { botId: String(SECOND_BOT), username: 'second_bot', communityIds: ['gold'] },
      ],
    });
    const disconnected = await ops(world, ['communities', 'disconnect', 'gold', '--yes']);
    expect(disconnected).toMatchObject({ code: 0, stdout: expect.stringMatching(/state +disconnected/) });
    await eventually(async () =>
      expect(await postPurchase(world.url, { userId: 'u', communityId: 'gold' })).toMatchObject({
        status: 400,
        json: { error: { issues: [{ path: '/communityId' }] } },
      }),
    );
    expect((await connect(world, { ...GOLD, communityId: 'signals', chatId: String(SIGNALS_CHAT) })).status).toBe(200);
  });
});
