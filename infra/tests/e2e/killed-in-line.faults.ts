import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buyUntilAccepted } from './harness/buyer.ts';
import { GOLD_CHAT, SECOND_BOT, SIGNALS_CHAT, startWorldOfChats } from './harness/communities.ts';
import { CHAT_ID } from './harness/credentials.ts';
import { eventsOf, expectPromiseKept } from './harness/promise.ts';
import { LINK_CREATED, type Purchase } from './harness/wire.ts';
import { closeWorlds } from './harness/world.ts';

afterEach(closeWorlds);

const CHATS = new Map([
  [undefined, CHAT_ID],
  ['gold', GOLD_CHAT],
  ['signals', SIGNALS_CHAT],
]);
const PURCHASES_OF_EACH = 12;
const CALLS_BEFORE_KILL = 4;
const KILLS = 2;
const PAUSE_SECONDS = 3;

test('killed while tasks of three communities and two bots are in line, deferred and in a pause: each purchase has one link in its chat', async () => {
  const world = await startWorldOfChats({
    settings: { LINK_RATE: 'fixed', SAFE_RPS_SLEEP_MS: '100', TASKS_MAX_CONCURRENT_DISPATCHES: '1' },
  });
  const { telegram } = world;
  const sales = await Promise.all(
    [...CHATS].flatMap(([communityId, chatId]) =>
      Array.from({ length: PURCHASES_OF_EACH }, async (_, order) => {
        const body = { userId: `${communityId}-${order}`, transactionId: `${communityId}-${order}`, communityId };
        return { purchase: await buyUntilAccepted(world.url, body), chatId };
      }),
    ),
  );
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const calls = telegram.calls.of('createChatInviteLink');
    await eventually(() => telegram.calls.of('createChatInviteLink') >= calls + CALLS_BEFORE_KILL);
    if (kill === KILLS) {
      telegram.bot(SECOND_BOT).pauseLinks(PAUSE_SECONDS);
      await eventually(() => world.process.logged('link call').some(({ outcome }) => outcome === 'told_to_wait'));
    }
    await world.process.kill();
    const done = Map.groupBy(eventsOf(world, LINK_CREATED), ({ eventData }) => eventData['communityId']);
    for (const communityId of CHATS.keys()) expect(done.get(communityId)?.length ?? 0).toBeLessThan(PURCHASES_OF_EACH);
    await world.start();
  }

  const { orphans } = await expectPromiseKept(world, { purchases: sales.map(({ purchase }) => purchase) });
  // A call of each bot may be under way when the process is killed.
  expect(orphans).toBeLessThanOrEqual(2 * KILLS);
  expect(world.process.logged('link call').some(({ deferrals }) => Number(deferrals) > 0)).toBe(true);
  for (const { purchase, chatId } of sales) expect([purchase, chatOf(purchase)]).toEqual([purchase, chatId]);

  function chatOf({ userId }: Purchase): number | undefined {
    const told = eventsOf(world, LINK_CREATED).find((event) => event.userId === userId);
    return telegram.links.get(String(told?.eventData['inviteLink']))?.chatId;
  }
});
