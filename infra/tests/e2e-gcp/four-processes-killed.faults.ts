import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { SERVICES } from '@paid-community/shared/topology.ts';
import { buyUntilAccepted, purchaseBodies } from '../e2e/harness/buyer.ts';
import { join, linkInMessage } from '../e2e/harness/promise.ts';
import { seededRandom } from '../e2e/harness/random.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { CloudWorld } from './harness/cloud-world.ts';
import { killAtRandom } from './harness/kill-at-random.ts';

const seed = Number(process.env['E2E_SEED'] ?? Date.now() % 1e6);
const BUYERS = 6;
const LINK_CALLS_AT_ONCE = 4;
const settings = {
  TASKS_MAX_DISPATCHES_PER_SECOND: '10',
  TASKS_MAX_CONCURRENT_DISPATCHES: String(LINK_CALLS_AT_ONCE),
};
/** Far above what is bought while the kills go on. */
const MOST_PURCHASES = 5_000;

withEmulators(['cloud-firestore-emulator', 'pubsub-emulator'], () => {
  let world: CloudWorld;
  beforeAll(async () => {
    world = await CloudWorld.open({ settings, policy: () => ({ ackDeadlineSeconds: 10 }) });
  });
  afterAll(() => world.close());

  test(`four processes that are killed at random lose and double no purchase and no join (E2E_SEED=${seed})`, async () => {
    const bodies = purchaseBodies(`seed-${seed}`, MOST_PURCHASES).values();
    let over = false;
    const killing = killAtRandom(world, seededRandom(seed)).finally(() => {
      over = true;
    });
    const buying = Array.from({ length: BUYERS }, async () => {
      while (!over) {
        const { value: body } = bodies.next();
        if (body === undefined) throw new Error('More was bought than there is');
        const purchase = await buyUntilAccepted(world.url, body);
        world.purchases.push(purchase);
        await linkInMessage(world, purchase);
        if (world.purchases.length % 3 === 0) world.joins.push(await join(world, purchase));
      }
    });
    const [kills] = await Promise.all([killing, ...buying]);
    await world.keepsItsPromise();

    // What met a killed process came again by redelivery alone, and the answer that was lost did no harm.
    const { relay } = world;
    await eventually(() => expect([...relay.acknowledged]).toEqual(expect.arrayContaining([...relay.interrupted])));
    const { orphans, repeats } = await world.keepsItsPromise();
    const count = (outcome: 'cut' | 'refused'): number =>
      relay.relayed.filter((each) => each.outcome === outcome).length;
    process.stderr.write(
      `random kills of four processes: seed ${seed}, ${kills} kills, ${world.purchases.length} purchases, ${world.joins.length} joins, ${count('cut')} requests cut, ` +
        `${count('refused')} refused, ${relay.interrupted.size} messages and tasks came again, ${orphans} orphan links, ${repeats} repeats dropped\n`,
    );
    // Kills that met nothing would prove nothing.
    expect(count('cut')).toBeGreaterThan(0);
    expect(relay.interrupted.size).toBeGreaterThan(0);
    // Only a kill of link-worker between Telegram's answer and the commit makes an orphan.
    expect(orphans).toBeLessThanOrEqual((kills / SERVICES.length) * LINK_CALLS_AT_ONCE);
  });
});
