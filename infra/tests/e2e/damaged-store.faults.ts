import { closeSync, cpSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { buy, postPurchase, statusOf } from './harness/buyer.ts';
import { linkInMessage } from './harness/promise.ts';
import { seededRandom } from './harness/random.ts';
import { closeWorlds, openWorld } from './harness/world.ts';

afterEach(closeWorlds);

const PURCHASES = 1_000;
const PLACES = 12;
const SMASHED_BYTES = 32_768;

test('32 KiB overwritten anywhere: the start is refused, or everything works as ever', async () => {
  const world = await openWorld({ settings: { LOG_LEVEL: 'warn' } });
  await world.start();
  const purchases: Awaited<ReturnType<typeof buy>>[] = [];
  for (let n = 0; n < PURCHASES; n += 50) {
    purchases.push(
      ...(await Promise.all(
        Array.from({ length: 50 }, (_, k) =>
          buy(world.url, { userId: `user-${n + k}`, transactionId: `txn-${n + k}` }),
        ),
      )),
    );
  }
  for (const purchase of purchases) await linkInMessage(world, purchase);
  await world.process.stop();
  const store = join(world.dataDir, 'store.db');
  const whole = join(world.dataDir, 'whole.db');
  cpSync(store, whole);

  const random = seededRandom(20_260_504);
  const outcomes = { refused: 0, works: 0 };
  for (let place = 0; place < PLACES; place += 1) {
    cpSync(whole, store);
    const descriptor = openSync(store, 'r+');
    const at = 4_096 + Math.floor(random() * (statSync(store).size - 4_096 - SMASHED_BYTES));
    writeSync(
      descriptor,
      Buffer.from(Array.from({ length: SMASHED_BYTES }, () => Math.floor(random() * 256))),
      0,
      SMASHED_BYTES,
      at,
    );
    closeSync(descriptor);
    const process = world.spawn({ settings: { LOG_LEVEL: 'warn' } });
    try {
      await process.ready(world.url);
    } catch {
      expect(await process.exited).toEqual({ code: 1, signal: null });
      expect(process.stderr).toMatch(/damaged/);
      outcomes.refused += 1;
      continue;
    }
    const answer = await postPurchase(world.url, { userId: `new-${place}`, transactionId: `new-${place}` });
    expect(answer.status).toBe(202);
    await linkInMessage(world, await buy(world.url, { userId: `new-${place}`, transactionId: `new-${place}` }));
    for (const { requestId } of purchases.slice(0, 200))
      expect(await statusOf(world.url, requestId)).toMatchObject({ status: 'DONE' });
    await process.stop();
    outcomes.works += 1;
  }
  expect(outcomes.refused).toBeGreaterThan(PLACES / 2);
}, 240_000);
