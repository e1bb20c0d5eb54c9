import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, purchaseBodies } from './harness/buyer.ts';
import { expectPromiseKept } from './harness/promise.ts';
import { closeWorlds, openWorld } from './harness/world.ts';

afterEach(closeWorlds);

test('killed again and again during one pause: not one call too early', async () => {
  const world = await openWorld({ settings: { TASKS_MAX_CONCURRENT_DISPATCHES: '1' } });
  await world.start();
  // Long enough for any machine; the simulator itself does not keep to it, so that a later clock ends it.
  const body = { ok: false, error_code: 429, description: 'Too Many Requests', parameters: { retry_after: 600 } };
  world.telegram.faults.next('createChatInviteLink', { kind: 'answer', status: 429, body });
  const purchases = await Promise.all(purchaseBodies('stop', 5).map((body) => buy(world.url, body)));
  await eventually(() => world.process.logged('link call').length > 0);
  // The pause is stored before the follow-up task is queued, and this is logged after that.
  await eventually(() => world.process.logged('delivery').some(({ source }) => source === 'tg-invite-queue'));
  for (const later of purchaseBodies('later', 2)) {
    await world.process.kill();
    await world.start();
    // Its task is new, and says nothing about a pause.
    purchases.push(await buy(world.url, later));
  }
  await eventually(() => world.process.logged('delivery').some(({ source }) => source === 'tg-invite-queue'));
  expect(world.telegram.calls.of('createChatInviteLink')).toBe(1);
  await world.process.kill();
  await world.start({ clockAheadMs: 601_000 });
  expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
  expect(world.telegram.calls.of('createChatInviteLink')).toBe(8);
});
