import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buyUntilAccepted, purchaseBodies } from './harness/buyer.ts';
import { expectPromiseKept, join } from './harness/promise.ts';
import { closeWorlds, openWorld } from './harness/world.ts';

afterEach(closeWorlds);

test('stopped again and again under load: every purchase that was acknowledged keeps the promise, and no link is wasted', async () => {
  const world = await openWorld();
  await world.start();
  world.telegram.faults.behaviour = ({ method }) =>
    method === 'createChatInviteLink' ? { kind: 'delay', ms: 30 } : undefined;
  const buying = Promise.all(purchaseBodies('load', 120).map((body) => buyUntilAccepted(world.url, body)));
  for (let restarts = 0; restarts < 3; restarts += 1) {
    const links = world.telegram.links.size;
    await eventually(() => world.telegram.links.size > links + 10);
    world.process.signal('SIGTERM');
    expect(await world.process.exited).toEqual({ code: 0, signal: null });
    await world.start();
  }
  const purchases = await buying;
  const joins = await Promise.all(purchases.slice(0, 20).map((purchase) => join(world, purchase)));
  // Repeats: an event may come twice when its task was handed back after it was published. Links: none is made twice.
  expect(await expectPromiseKept(world, { purchases, joins })).toMatchObject({ orphans: 0 });
});
