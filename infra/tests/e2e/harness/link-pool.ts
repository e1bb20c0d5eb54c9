import { expect } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { statusOf } from './buyer.ts';
import { callOperator, mustSucceed } from './communities.ts';
import { health } from './diagnosis.ts';
import { eventsOf, linkInMessage } from './promise.ts';
import { LINK_CREATED, type Purchase } from './wire.ts';
import type { World } from './world.ts';

export const POOL_SIZE = 4;

/** Looks at the pools so often that no test waits for it. */
export const ticking = { settings: { LINK_POOL_TICK_SECONDS: '0.2' } };

export async function wantPool(world: World): Promise<void> {
  await mustSucceed(callOperator(world, 'POST', '/communities/default', { poolSize: POOL_SIZE }));
}

/** A look at Telegram begins with a look at which communities there are: else the pool is known within ten seconds. */
export async function wantPoolAtOnce(world: World): Promise<void> {
  await wantPool(world);
  await health(world);
}

export async function withPool(world: World): Promise<void> {
  await wantPoolAtOnce(world);
  await filled(world, POOL_SIZE);
}

/** So many links were made at Telegram. */
export async function filled(world: World, links: number): Promise<void> {
  await eventually(() => expect(world.telegram.links.size).toBeGreaterThanOrEqual(links));
}

/** Each purchase has a link of its own, and WebEngage was told of it once. */
export async function expectOneLinkEach(world: World, purchases: readonly Purchase[]): Promise<void> {
  const links = await Promise.all(purchases.map((purchase) => linkInMessage(world, purchase)));
  expect(new Set(links).size).toBe(purchases.length);
  await eventually(() => expect(eventsOf(world, LINK_CREATED)).toHaveLength(purchases.length));
  for (const [index, { requestId }] of purchases.entries())
    expect(await statusOf(world.url, requestId)).toMatchObject({ status: 'DONE', inviteLink: links[index] });
}
