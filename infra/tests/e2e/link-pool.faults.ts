import { afterEach, test } from '@jest/globals';
import { buy, buyUntilAccepted } from './harness/buyer.ts';
import type { CrashPoint } from './harness/crash-point.ts';
import {
  expectOneLinkEach,
  filled,
  POOL_SIZE,
  ticking,
  wantPool,
  wantPoolAtOnce,
  withPool,
} from './harness/link-pool.ts';
import { closeWorlds, openWorld } from './harness/world.ts';

afterEach(closeWorlds);

test.each<[CrashPoint['moment'], string]>([
  ['before', 'update link_pool'],
  ['after', 'update link_pool'],
  ['before', 'publish link-created-events'],
  ['after', 'publish link-created-events'],
  ['before', 'acknowledge link-worker-purchase-events'],
])('gives one link to a purchase although the process dies %s "%s"', async (moment, operation) => {
  const world = await openWorld(ticking);
  const healthy = await world.start();
  await withPool(world);
  await healthy.kill();
  const fragile = await world.start({ crashAt: { moment, operation }, settings: { LINK_POOL_TICK_SECONDS: '0' } });
  const restarted = fragile.exited.then(() => world.start());
  const purchase = await buyUntilAccepted(world.url, { userId: 'buyer', transactionId: 'txn' });
  await restarted;
  await expectOneLinkEach(world, [purchase]);
  const others = [1, 2, 3].map((number) => buy(world.url, { userId: `u${number}`, transactionId: `t${number}` }));
  await expectOneLinkEach(world, [purchase, ...(await Promise.all(others))]);
});

test.each<[CrashPoint['moment'], string]>([
  ['before', 'create link_pool'],
  ['after', 'create link_pool'],
  ['before', 'enqueue tg-pool-queue'],
  ['before', 'acknowledge tg-pool-queue'],
])('has no link too many that anybody could get, although the process dies %s "%s"', async (moment, operation) => {
  const world = await openWorld(ticking);
  const fragile = await world.start({ crashAt: { moment, operation, call: 2 } });
  const restarted = fragile.exited.then(() => world.start());
  const settled = wantPoolAtOnce(world).catch(() => undefined);
  await restarted;
  await settled;
  await wantPool(world);
  await filled(world, POOL_SIZE);
  const purchases = await Promise.all(
    [1, 2, 3].map((number) => buy(world.url, { userId: `u${number}`, transactionId: `t${number}` })),
  );
  await expectOneLinkEach(world, purchases);
});
