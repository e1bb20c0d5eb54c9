import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { Fault } from '../../run/simulators/http/faults.ts';
import { buy } from './harness/buyer.ts';
import { expectPromiseKept, linkInMessage } from './harness/promise.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

const CUT: Fault = { kind: 'disconnect', afterWork: false };
const DONE_BUT_CUT: Fault = { kind: 'disconnect', afterWork: true };

async function startedWorld(): Promise<World> {
  const world = await openWorld();
  await world.start();
  return world;
}

describe('a side that breaks the connection', () => {
  test('Telegram, having made the link: one orphan, one link event', async () => {
    const world = await startedWorld();
    world.telegram.faults.next('createChatInviteLink', DONE_BUT_CUT);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 1, repeats: 0 });
  });

  test('Telegram, having done nothing: no orphan', async () => {
    const world = await startedWorld();
    world.telegram.faults.next('createChatInviteLink', CUT, CUT);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats: 0 });
    expect(world.telegram.calls.of('createChatInviteLink')).toBe(3);
  });

  test.each([
    ['having taken the event', DONE_BUT_CUT, 3],
    ['having taken nothing', CUT, 0],
  ])('WebEngage, %s: no second event of either kind', async (_when, fault, repeatsOfEach) => {
    const world = await startedWorld();
    world.webengage.faults.next('events', fault, fault, fault);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await eventually(() => world.webengage.calls === 4);
    const inviteLink = await linkInMessage(world, purchase);
    world.webengage.faults.next('events', fault, fault, fault);
    const outcome = world.telegram.join({ inviteLink, telegramUserId: 77 });
    expect(outcome.ok).toBe(true);
    await eventually(() => world.webengage.calls === 8);
    const kept = await expectPromiseKept(world, { purchases: [purchase], joins: [{ purchase, telegramUserId: 77 }] });
    expect(kept).toEqual({ orphans: 0, repeats: 2 * repeatsOfEach });
  });
});
