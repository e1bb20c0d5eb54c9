import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, purchaseBodies, statusOf } from './harness/buyer.ts';
import { expectPromiseKept } from './harness/promise.ts';
import { closeWorlds, openWorld } from './harness/world.ts';

afterEach(closeWorlds);

test('TASKS_MAX_CONCURRENT_DISPATCHES says how many link calls are under way at once', async () => {
  const world = await openWorld({ settings: { TASKS_MAX_CONCURRENT_DISPATCHES: '7' } });
  await world.start();
  world.telegram.faults.behaviour = () => ({ kind: 'hang', afterWork: false });
  const purchases = await Promise.all(purchaseBodies('rate', 20).map((body) => buy(world.url, body)));
  await eventually(() => world.telegram.calls.of('createChatInviteLink') === 7);
  // Every purchase has its request and its task: an eighth call would have had its chance.
  await eventually(async () =>
    (await Promise.all(purchases.map(({ requestId }) => statusOf(world.url, requestId)))).every(
      (status) => status !== undefined,
    ),
  );
  world.telegram.faults.clear();
  expect(world.telegram.calls.of('createChatInviteLink')).toBe(7);
  await world.process.kill();
  await world.start();
  expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
});

test('TASKS_MAX_DISPATCHES_PER_SECOND is kept to, and made use of', async () => {
  const world = await openWorld({ settings: { TASKS_MAX_DISPATCHES_PER_SECOND: '25' } });
  await world.start();
  const purchases = await Promise.all(purchaseBodies('rate', 60).map((body) => buy(world.url, body)));
  expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
  const times = world.telegram.calls.linkCallTimes;
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000;
  // 60 calls at 25 a second are 2.4 s, less a burst of a fifth of a second; the upper bound leaves room for a busy
  // machine.
  expect(seconds).toBeGreaterThan(1.9);
  expect(seconds).toBeLessThan(6);
});

test('with LINK_RATE=fixed, SAFE_RPS_SLEEP_MS is the least time between two link calls, also with several at once', async () => {
  const world = await openWorld({ settings: { LINK_RATE: 'fixed', SAFE_RPS_SLEEP_MS: '100' } });
  await world.start();
  const purchases = await Promise.all(purchaseBodies('rate', 15).map((body) => buy(world.url, body)));
  expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
  const times = world.telegram.calls.linkCallTimes;
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000;
  expect(times).toHaveLength(15);
  // Of arrivals only the whole is certain: a call may be late on its way, and the next one not.
  expect(seconds).toBeGreaterThan(1.35);
});
