import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import {
  createdLinksForEventEmitter,
  joinedMembersForEventEmitter,
  purchasesForLinkWorker,
} from '@paid-community/shared/topology.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { aroundDeliveries } from './harness/around-deliveries.ts';
import { buy, postPurchase, purchaseBodies, toPurchase } from './harness/buyer.ts';
import { expectPromiseKept, join, linkInMessage } from './harness/promise.ts';
import { seededRandom, shuffled } from './harness/random.ts';
import { joinUpdate, postUpdate } from './harness/telegram-updates.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

const TIMES = 5;
const SEED = Number(process.env['E2E_SEED'] ?? randomInt(1_000_000));

/**
 * Every delivery and every task reaches its handler five times, each copy after a random wait: copies of one message
 * run at the same time, and those of different messages out of order. It counts as handled when all five are.
 */
function fiveTimes(backend: Backend, counted: (change: 1 | -1) => void): Backend {
  const random = seededRandom(SEED);
  return aroundDeliveries(backend, async (_source, handle) => {
    counted(1);
    const copies = Array.from({ length: TIMES }, async () => {
      await sleep(random() * 40);
      await handle();
    });
    const failed = (await Promise.allSettled(copies)).find((copy) => copy.status === 'rejected');
    counted(-1);
    if (failed !== undefined) throw failed.reason;
  });
}

async function worldOfRepeats(): Promise<{ world: World; backend: Backend; deliveriesAtWork: () => number }> {
  const world = await openWorld();
  let atWork = 0;
  const backend = await world.startInProcess((inner) => fiveTimes(inner, (change) => (atWork += change)));
  await eventually(() => world.telegram.calls.of('setWebhook') === 1);
  return { world, backend, deliveriesAtWork: () => atWork };
}

describe(`every delivery five times, at once and shuffled (seed ${SEED})`, () => {
  test('makes no second link and no second event', async () => {
    const { world } = await worldOfRepeats();
    const purchases = await Promise.all(purchaseBodies('five', 40).map((body) => buy(world.url, body)));
    const joins = await Promise.all(purchases.slice(0, 25).map((purchase) => join(world, purchase)));
    expect(await expectPromiseKept(world, { purchases, joins })).toMatchObject({ orphans: 0 });
    expect(world.telegram.calls.of('createChatInviteLink')).toBe(40);
  });

  test('with link calls that fail, the attempts are counted once each', async () => {
    const { world } = await worldOfRepeats();
    world.telegram.faults.next(
      'createChatInviteLink',
      { kind: 'answer', status: 500, body: 'oops' },
      { kind: 'disconnect', afterWork: false },
    );
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toMatchObject({ orphans: 0 });
    expect(world.telegram.calls.of('createChatInviteLink')).toBe(3);
  });

  test('with purchases, and the webhook, sent five times each as well', async () => {
    const { world } = await worldOfRepeats();
    const random = seededRandom(SEED + 1);
    const bodies = purchaseBodies('storm', 20);
    const sent = shuffled(
      bodies.flatMap((body) => Array.from({ length: TIMES }, () => body)),
      random,
    );
    const answers = await Promise.all(sent.map(async (body) => toPurchase(await postPurchase(world.url, body), body)));
    const purchases = [...new Map(answers.map((purchase) => [purchase.requestId, purchase])).values()];
    expect(purchases).toHaveLength(bodies.length);
    const links = await Promise.all(purchases.map((purchase) => linkInMessage(world, purchase)));
    const updates = links.map((inviteLink, index) =>
      joinUpdate({ userId: 90_000 + index, link: { invite_link: inviteLink } }),
    );
    const repeated = shuffled(
      updates.flatMap((update) => Array.from({ length: TIMES }, () => update)),
      random,
    );
    const acknowledged = await Promise.all(repeated.map((update) => postUpdate(world.url, update)));
    expect(new Set(acknowledged.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['200 {}']));
    const joins = purchases.map((purchase, index) => ({ purchase, telegramUserId: 90_000 + index }));
    expect(await expectPromiseKept(world, { purchases, joins })).toMatchObject({ orphans: 0 });
  });

  test('and all of history replayed by an operator: nothing is made or sent again', async () => {
    const { world, backend, deliveriesAtWork } = await worldOfRepeats();
    const startedAt = new Date(Date.now() - 1_000);
    const purchases = await Promise.all(purchaseBodies('replay', 15).map((body) => buy(world.url, body)));
    const joins = await Promise.all(purchases.map((purchase) => join(world, purchase)));
    const before = await expectPromiseKept(world, { purchases, joins });
    await eventually(() => deliveriesAtWork() === 0);
    const sentAgain: unknown[] = [];
    world.webengage.faults.behaviour = ({ body }) => {
      if ((body as { userId: string }).userId !== 'last') sentAgain.push(body);
      return undefined;
    };
    for (const subscription of [joinedMembersForEventEmitter, createdLinksForEventEmitter, purchasesForLinkWorker])
      await backend.eventBus.seek(subscription, startedAt);
    const last = await buy(world.url, { userId: 'last', transactionId: 'last' });
    expect(await expectPromiseKept(world, { purchases: [...purchases, last], joins })).toMatchObject({
      orphans: before.orphans,
    });
    await eventually(() => deliveriesAtWork() === 0);
    // By the ledger, not by WebEngage's memory of four hours.
    expect(sentAgain).toEqual([]);
    expect(world.telegram.calls.of('createChatInviteLink')).toBe(16);
  });
});
