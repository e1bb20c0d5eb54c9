import { afterEach, expect, test } from '@jest/globals';
import { buy, purchaseBodies } from './harness/buyer.ts';
import { expectPromiseKept } from './harness/promise.ts';
import { storedDocuments } from './harness/stored.ts';
import { closeWorlds, openWorld } from './harness/world.ts';

afterEach(closeWorlds);

test('a burst is worked off against a limit that nobody was told: few refusals, no call during a stop, and the pace is remembered', async () => {
  // Twenty calls a second to begin with, where Telegram allows eight.
  const world = await openWorld({
    settings: { SAFE_RPS_SLEEP_MS: '50', TASKS_MAX_CONCURRENT_DISPATCHES: '1' },
    telegram: { linkCallsPerSecond: 8, burst: 8 },
  });
  await world.start();
  const purchases = await Promise.all(purchaseBodies('hidden', 120).map((body) => buy(world.url, body)));
  expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
  const { tooManyRequests, callsDuringStop, linkCallTimes } = world.telegram.calls;
  expect(callsDuringStop).toBe(0);
  expect(tooManyRequests).toBeGreaterThan(0);
  expect(tooManyRequests).toBeLessThanOrEqual(10);
  expect(linkCallTimes).toHaveLength(120 + tooManyRequests);
  expect(await world.process.stop()).toEqual({ code: 0, signal: null });
  const [rate] = (await storedDocuments(world.dataDir)).bot_rates;
  const { perSecond } = rate?.['learned'] as { readonly perSecond: number };
  expect(perSecond).toBeGreaterThan(2);
  // The first refusal takes 20 to 12. A machine that is too busy to send 12 a second meets no other one.
  expect(perSecond).toBeLessThanOrEqual(12);
});
