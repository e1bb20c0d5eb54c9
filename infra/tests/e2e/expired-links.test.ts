import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, purchaseBodies } from './harness/buyer.ts';
import { ops } from './harness/ops.ts';
import { expectPromiseKept } from './harness/promise.ts';
import { LINK_CREATED, type Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

/** A life of four seconds: long enough to be told, short enough to wait for its end. */
const SHORT_LIFE = { LINK_TTL_HOURS: String(4 / 3_600) };
/** Of the links that are made in their place. */
const LONG_LIFE = { settings: { LINK_TTL_HOURS: '1' } };

async function startedWorld(): Promise<World> {
  const world = await openWorld({ settings: SHORT_LIFE });
  await world.start();
  return world;
}

function breakWebEngage(world: World): void {
  world.webengage.faults.behaviour = () => ({
    kind: 'answer',
    status: 503,
    body: { response: { status: 'error', message: 'down' } },
  });
}

/** Until each link that was made has expired untold. */
async function untilExpired(world: World, purchases: readonly Purchase[]): Promise<void> {
  await eventually(() => world.telegram.links.size === purchases.length);
  await eventually(() => [...world.telegram.links.all()].every(({ expireDate }) => expireDate * 1_000 < Date.now()));
  expect(world.webengage.eventCount).toBe(0);
}

/** Each buyer was told once, of a link that lived. */
async function expectToldOfLivingLinks(world: World, purchases: readonly Purchase[]): Promise<void> {
  await expectPromiseKept(world, { purchases });
  expect(world.webengage.countOf(LINK_CREATED)).toBe(purchases.length);
  for (const { eventData, receivedAt } of world.webengage.events) {
    const link = world.telegram.links.get(String(eventData['inviteLink']));
    expect(link).toMatchObject({ revoked: false });
    expect((link?.expireDate ?? 0) * 1_000).toBeGreaterThan(receivedAt);
  }
}

describe('links that expired before WebEngage could be told', () => {
  test('are replaced by fresh ones, once WebEngage answers again, and each buyer is told once', async () => {
    const world = await startedWorld();
    breakWebEngage(world);
    const purchases = await Promise.all(purchaseBodies('late', 5).map((body) => buy(world.url, body)));
    await untilExpired(world, purchases);
    // An expired link is asked after at each delivery; none is made in vain while WebEngage is down.
    await eventually(() => world.process.logged('delivery').length > 0);
    expect(world.telegram.links.size).toBe(5);
    world.webengage.faults.clear();
    await expectToldOfLivingLinks(world, purchases);
    // On a slow machine a fresh one may run out in its turn.
    expect(world.telegram.links.size).toBeGreaterThanOrEqual(10);
    // The expired ones are revoked. After a kill there may be an orphan more, which expectPromiseKept looks at.
    expect([...world.telegram.links.all()].filter(({ revoked }) => !revoked)).toHaveLength(purchases.length);
    const story = await ops(world, ['show', purchases[0]?.requestId ?? '']);
    expect(story.stdout).toMatch(/link revoked +\S+, which expired before WebEngage could be told of it/);
    expect(story.stdout).toMatch(/link created +link 2: /);
  });

  test('are replaced once, however often the process is killed on the way', async () => {
    const world = await startedWorld();
    breakWebEngage(world);
    const purchases = await Promise.all(purchaseBodies('killed', 3).map((body) => buy(world.url, body)));
    await untilExpired(world, purchases);
    world.webengage.faults.clear();
    const steps = (): number =>
      ['emission', 'expired link', 'link call'].reduce(
        (count, message) => count + world.process.logged(message).length,
        0,
      );
    // The fresh ones outlast the kills: of one that runs out between WebEngage's answer and the ledger the buyer would
    // be told twice.
    for (const made of [1, 2, 3, 4]) {
      await world.process.kill();
      await world.start(LONG_LIFE);
      await eventually(() => steps() >= made || world.webengage.eventCount === purchases.length);
    }
    await world.process.kill();
    await world.start(LONG_LIFE);
    await expectToldOfLivingLinks(world, purchases);
  });
});
