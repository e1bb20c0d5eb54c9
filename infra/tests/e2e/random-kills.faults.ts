import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { buyUntilAccepted, purchaseBodies } from './harness/buyer.ts';
import { expectPromiseKept, join, linkInMessage, type ExpectedJoin } from './harness/promise.ts';
import { seededRandom } from './harness/random.ts';
import type { Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

const PURCHASES = 240;
const KILLS = 7;
/** Senders at work at once; each sends some purchases twice, as an at-least-once client may. */
const SENDERS = 12;

/** Set it to repeat a run: as far as a seed goes, since the kernel schedules three processes as it likes. */
const SEED = Number(process.env['E2E_SEED'] ?? randomInt(1_000_000));

test('killed at random moments under load: every purchase one link and one event, every join one event', async () => {
  const random = seededRandom(SEED);
  // Slow enough that the load outlasts the kills: 240 links take about 6 s, and as long as the restarts on top.
  const world = await openWorld({ settings: { TASKS_MAX_DISPATCHES_PER_SECOND: '40', LOG_LEVEL: 'info' } });
  await world.start();
  // Both sides are slow now and then, so that a kill meets calls under way.
  world.telegram.faults.behaviour = ({ method }) =>
    method === 'createChatInviteLink' && random() < 0.5 ? { kind: 'delay', ms: 60 } : undefined;
  world.webengage.faults.behaviour = () => (random() < 0.5 ? { kind: 'delay', ms: 40 } : undefined);

  const chaos = killAtRandom(world, random);
  const { purchases, joins } = await buyAndJoin(world, random);
  const kills = await chaos;

  const { orphans, repeats } = await expectPromiseKept(world, { purchases, joins });
  process.stderr.write(
    `random kills: seed ${SEED}, ${kills} kills, ${purchases.length} purchases, ${joins.length} joins, ${orphans} orphan links, ${repeats} repeats dropped\n`,
  );
  expect(kills).toBe(KILLS);
  expect(purchases).toHaveLength(PURCHASES);
  // A kill can cost each link call that was under way, and no more.
  expect(orphans).toBeLessThanOrEqual(KILLS * 20);

  // The queued rest of the kills comes up before the work of a later purchase.
  const last = await buyUntilAccepted(world.url, { userId: 'last', transactionId: 'last' });
  const after = await expectPromiseKept(world, { purchases: [...purchases, last], joins });
  expect(after.orphans).toBe(orphans);
});

/** Returns how often it has killed. */
async function killAtRandom(world: World, random: () => number): Promise<number> {
  let kills = 0;
  while (kills < KILLS) {
    await sleep(150 + random() * 900);
    await world.process.kill();
    kills += 1;
    // Some kills come while the system is just starting.
    if (random() < 0.3) {
      const starting = world.spawn();
      await sleep(random() * 400);
      await starting.kill();
    }
    await world.start();
  }
  return kills;
}

async function buyAndJoin(
  world: World,
  random: () => number,
): Promise<{ purchases: Purchase[]; joins: ExpectedJoin[] }> {
  const waiting = purchaseBodies('random', PURCHASES).flatMap((body) => (random() < 0.3 ? [body, body] : [body]));
  const accepted = new Map<string, Purchase>();
  const joining: Promise<ExpectedJoin>[] = [];
  const sender = async (): Promise<void> => {
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) {
      const purchase = await buyUntilAccepted(world.url, body);
      if (!accepted.has(purchase.requestId) && random() < 0.6) joining.push(joinWhenTold(world, purchase));
      accepted.set(purchase.requestId, purchase);
      await sleep(random() * 200);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  return { purchases: [...accepted.values()], joins: await Promise.all(joining) };
}

async function joinWhenTold(world: World, purchase: Purchase): Promise<ExpectedJoin> {
  await linkInMessage(world, purchase);
  return join(world, purchase);
}
