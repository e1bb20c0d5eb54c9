import { afterEach, describe, expect, test } from '@jest/globals';
import { LinkPoolTick } from '@paid-community/shared/model/links/link-pool-tick.ts';
import { linkPoolTicks } from '@paid-community/shared/model/topics.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { OperationCounter } from './harness/billed-operations.ts';
import { buy, statusOf } from './harness/buyer.ts';
import { expectOneLinkEach, filled, POOL_SIZE, ticking, wantPool, withPool } from './harness/link-pool.ts';
import { join, linkInMessage } from './harness/promise.ts';
import { closeWorlds, openWorld } from './harness/world.ts';

afterEach(closeWorlds);

describe('a pool of links', () => {
  test('is filled; a purchase has its link of it at once, and a join through that link is its join', async () => {
    const world = await openWorld(ticking);
    await world.start();
    await withPool(world);
    const ready = new Set([...world.telegram.links.all()].map(({ inviteLink }) => inviteLink));
    const purchase = await buy(world.url, { userId: 'buyer', transactionId: 'txn' });
    await expectOneLinkEach(world, [purchase]);
    expect(ready).toContain(await linkInMessage(world, purchase));
    await join(world, purchase);
    await eventually(async () =>
      expect(await statusOf(world.url, purchase.requestId)).toMatchObject({ joinEventFired: true }),
    );
    await filled(world, POOL_SIZE + 1);
  });

  test('costs a purchase 3 writes for request, link and pool link, one for the ledger, and no task', async () => {
    const counter = new OperationCounter();
    const world = await openWorld();
    const { eventBus } = await world.startInProcess((backend) => counter.around(backend));
    await wantPool(world);
    // It is known everywhere after ten seconds at most.
    await eventually(
      async () => {
        await eventBus.publish(linkPoolTicks, LinkPoolTick.message);
        expect(world.telegram.links.size).toBe(POOL_SIZE);
      },
      { intervalMs: 500, timeoutMs: 30_000 },
    );
    const first = await buy(world.url, { userId: 'first', transactionId: 'first' });
    await linkInMessage(world, first);
    await eventually(async () =>
      expect(await statusOf(world.url, first.requestId)).toMatchObject({ weLinkEventFired: true }),
    );
    counter.reset();
    const others = await Promise.all(
      [1, 2, 3].map((number) => buy(world.url, { userId: `u${number}`, transactionId: `t${number}` })),
    );
    await Promise.all(others.map((purchase) => linkInMessage(world, purchase)));
    await eventually(() => expect(counter.counts).toMatchObject({ writes: 3 * 4, taskOperations: 0 }));
    const ofPurchases = counter.delivered.filter(({ source }) => source === 'link-worker-purchase-events');
    expect(ofPurchases).toHaveLength(3);
  });
});
