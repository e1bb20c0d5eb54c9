import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { Fault } from '../../run/simulators/http/faults.ts';
import { buy, purchaseBodies } from './harness/buyer.ts';
import { expectPromiseKept, join } from './harness/promise.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

const SILENT: Fault = { kind: 'hang', afterWork: false };
const DONE_BUT_SILENT: Fault = { kind: 'hang', afterWork: true };

async function startedWorld(): Promise<World> {
  const world = await openWorld();
  await world.start();
  return world;
}

async function killAndRestart(world: World): Promise<void> {
  await world.process.kill();
  world.telegram.faults.clear();
  world.webengage.faults.clear();
  await world.start();
}

describe('killed while a call is under way', () => {
  test('before Telegram has done anything: the link is made after the restart, none is lost', async () => {
    const world = await startedWorld();
    world.telegram.faults.next('createChatInviteLink', SILENT);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await eventually(() => world.telegram.calls.of('createChatInviteLink') === 1);
    await killAndRestart(world);
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats: 0 });
  });

  test('after Telegram has made the link and before it answered: one orphan, which nobody is told of', async () => {
    const world = await startedWorld();
    world.telegram.faults.next('createChatInviteLink', DONE_BUT_SILENT);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await eventually(() => world.telegram.links.size === 1);
    await killAndRestart(world);
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 1, repeats: 0 });
  });

  test('twenty link calls at once, all done and none answered: every purchase gets one link, and twenty orphans are counted', async () => {
    const world = await startedWorld();
    world.telegram.faults.behaviour = () => DONE_BUT_SILENT;
    const purchases = await Promise.all(purchaseBodies('many', 30).map((body) => buy(world.url, body)));
    await eventually(() => world.telegram.links.size === 20);
    await killAndRestart(world);
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 20, repeats: 0 });
  });

  test.each([
    ['before WebEngage has taken it', SILENT, 0],
    ['after WebEngage has taken it', DONE_BUT_SILENT, 1],
  ])('with a link event on its way, %s', async (_when, fault, repeats) => {
    const world = await startedWorld();
    world.webengage.faults.next('events', fault);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await eventually(() => world.webengage.calls === 1);
    await killAndRestart(world);
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats });
  });

  test.each([
    ['before WebEngage has taken it', SILENT, 0],
    ['after WebEngage has taken it', DONE_BUT_SILENT, 1],
  ])('with a joined event on its way, %s', async (_when, fault, repeats) => {
    const world = await startedWorld();
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await expectPromiseKept(world, { purchases: [purchase] });
    world.webengage.faults.next('events', fault);
    const joined = await join(world, purchase);
    await eventually(() => world.webengage.calls === 2);
    await killAndRestart(world);
    expect(await expectPromiseKept(world, { purchases: [purchase], joins: [joined] })).toEqual({ orphans: 0, repeats });
  });

  test('a join that happens while the system is down is reported after its start', async () => {
    const world = await startedWorld();
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await expectPromiseKept(world, { purchases: [purchase] });
    await world.process.kill();
    const joined = await join(world, purchase);
    await eventually(() => world.telegram.updates.attempts >= 3);
    await world.start();
    expect(await expectPromiseKept(world, { purchases: [purchase], joins: [joined] })).toEqual({
      orphans: 0,
      repeats: 0,
    });
  });
});
