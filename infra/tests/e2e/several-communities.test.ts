import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, postPurchase } from './harness/buyer.ts';
import {
  callOperator,
  connect,
  FIRST_BOT,
  GOLD,
  GOLD_CHAT,
  mustSucceed,
  openWorldOfChats,
  SECOND_BOT,
  SIGNALS_CHAT,
  startWorldOfChats,
} from './harness/communities.ts';
import { CHAT_ID } from './harness/credentials.ts';
import { eventsOf, expectPromiseKept, join, linkInMessage } from './harness/promise.ts';
import { JOINED, LINK_CREATED, type Purchase } from './harness/wire.ts';
import { closeWorlds, type World } from './harness/world.ts';

afterEach(closeWorlds);

const BUYER = { userId: 'asha', transactionId: 'order-1' };

const show = async (world: World, communityId: string): Promise<Record<string, unknown>> =>
  (await mustSucceed(callOperator(world, 'GET', `/communities/${communityId}`))).json as Record<string, unknown>;

/** The chat into which the link of a purchase leads. */
async function chatOf(world: World, purchase: Purchase): Promise<number | undefined> {
  return world.telegram.links.get(await linkInMessage(world, purchase))?.chatId;
}

describe('connected while the system runs', () => {
  test('by id and by @name, communities sell at once; each buyer gets into the right chat, and WebEngage hears which', async () => {
    const world = await startWorldOfChats();
    const purchases = [
      await buy(world.url, BUYER),
      await buy(world.url, { ...BUYER, communityId: 'gold' }),
      await buy(world.url, { ...BUYER, userId: 'ben', communityId: 'signals' }),
    ];

    expect(new Set(purchases.map(({ requestId }) => requestId)).size).toBe(3);
    // The same order for two communities is two purchases, told apart by what WebEngage hears.
    await eventually(() => eventsOf(world, LINK_CREATED).length === 3);
    const told = eventsOf(world, LINK_CREATED).map(({ eventData }) => eventData);
    expect(told.map(({ communityId }) => communityId).sort()).toEqual(['gold', 'signals', undefined]);
    const joined = new Map<unknown, number>();
    for (const { communityId, inviteLink } of told) {
      const outcome = world.telegram.join({ inviteLink: String(inviteLink) });
      if (outcome.ok) joined.set(communityId, outcome.telegramUserId);
    }
    await eventually(() => eventsOf(world, JOINED).length === 3);
    for (const [communityId, chatId] of [
      [undefined, world.telegram.chatId],
      ['gold', GOLD_CHAT],
      ['signals', SIGNALS_CHAT],
    ] as const) {
      const telegramUserId = joined.get(communityId) ?? 0;
      expect([communityId, world.telegram.chat(chatId).isIn(telegramUserId)]).toEqual([communityId, true]);
      expect(eventsOf(world, JOINED).filter(({ eventData }) => eventData['communityId'] === communityId)).toMatchObject(
        [{ eventData: { telegramUserId: String(telegramUserId) } }],
      );
    }
    await eventually(() => world.telegram.updates.pendingCount === 0);
  });

  test.each([
    ['a bot that may not invite', GOLD, 'administrator', /Invite users/],
    ['a bot that was removed', GOLD, 'kicked', /./],
    ['the chat of default', { ...GOLD, chatId: String(CHAT_ID), botIds: [String(FIRST_BOT)] }, undefined, /default/],
  ] as const)('%s is refused with what is wrong, and nothing is half done', async (_what, body, standing, words) => {
    const world = await openWorldOfChats();
    await world.startInProcess();
    if (standing !== undefined) world.telegram.chat(body.chatId).setBotStanding(SECOND_BOT, standing);
    const { status, text } = await connect(world, body);
    expect([status, text]).toEqual([409, expect.stringMatching(words)]);
    expect((await callOperator(world, 'GET', '/communities/gold')).status).toBe(404);
    expect((await postPurchase(world.url, { ...BUYER, communityId: 'gold' })).status).toBe(400);
  });
});

test('a group that becomes a supergroup keeps its community, under its next id', async () => {
  const world = await startWorldOfChats();
  const migrated = world.telegram.chat(GOLD_CHAT).migrate();
  const purchase = await buy(world.url, { ...BUYER, communityId: 'gold' });
  expect(await chatOf(world, purchase)).toBe(migrated);
  await eventually(async () =>
    expect(await show(world, 'gold')).toMatchObject({ community: { chatId: String(migrated) } }),
  );
  const joined = await join(world, purchase);
  await eventually(() => eventsOf(world, JOINED).length === 1);
  expect(world.telegram.chat(migrated).isIn(joined.telegramUserId)).toBe(true);
});

test('purchases of three communities by two bots all keep the promise', async () => {
  const world = await startWorldOfChats();
  const purchases: Purchase[] = [];
  for (const communityId of [undefined, 'gold', 'signals'])
    for (let order = 0; order < 7; order += 1)
      purchases.push(
        await buy(world.url, { userId: `${communityId}-${order}`, transactionId: `order-${order}`, communityId }),
      );
  const joins = [];
  for (const purchase of purchases.filter((_, at) => at % 2 === 0)) joins.push(await join(world, purchase));
  await expectPromiseKept(world, { purchases, joins });
});
