import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { Fault } from '../../run/simulators/http/faults.ts';
import { buy } from './harness/buyer.ts';
import { expectPromiseKept } from './harness/promise.ts';
import { send } from './harness/http.ts';
import type { SystemProcess } from './harness/system-process.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

const SIGKILL_OF_CLOUD_RUN_MS = 10_000;

async function startedWorld(): Promise<World> {
  const world = await openWorld();
  await world.start();
  return world;
}

/** Stops it and returns how long that took. */
async function stopped(process: SystemProcess, code: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
  const startedAt = performance.now();
  process.signal(signal);
  expect(await process.exited).toEqual({ code, signal: null });
  return performance.now() - startedAt;
}

describe('SIGTERM', () => {
  test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])(
    'an idle system is gone at once, with code 0 (%s)',
    async (signal) => {
      const world = await startedWorld();
      expect(await stopped(world.process, 0, signal)).toBeLessThan(2_000);
      await expect(send(`${world.url}/healthz`)).rejects.toThrow();
    },
  );

  test('a link call under way is finished and recorded: no orphan', async () => {
    const world = await startedWorld();
    world.telegram.faults.next('createChatInviteLink', { kind: 'delay', ms: 1_500 });
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await eventually(() => world.telegram.calls.of('createChatInviteLink') === 1);
    await stopped(world.process, 0);
    expect(world.telegram.links.size).toBe(1);
    await world.start();
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats: 0 });
  });

  test('a link call that hangs is handed back, and the process is gone before Cloud Run kills it', async () => {
    const world = await startedWorld();
    world.telegram.faults.next('createChatInviteLink', { kind: 'hang', afterWork: false });
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await eventually(() => world.telegram.calls.of('createChatInviteLink') === 1);
    expect(await stopped(world.process, 0)).toBeLessThan(SIGKILL_OF_CLOUD_RUN_MS);
    await world.start();
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats: 0 });
  });

  test('a WebEngage call and a caller that both hang do not hold it up either', async () => {
    const world = await startedWorld();
    const hang: Fault = { kind: 'hang', afterWork: true };
    world.webengage.faults.next('events', hang, hang, hang);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await eventually(() => world.webengage.calls === 1);
    // Half a request: the caller sends its headers and then nothing.
    const half = send(`${world.url}/v1/invite/request`, { method: 'POST', headers: { 'content-length': '100' } }).catch(
      () => undefined,
    );
    expect(await stopped(world.process, 0)).toBeLessThan(SIGKILL_OF_CLOUD_RUN_MS);
    await half;
    expect(world.webengage.calls).toBe(1);
    world.webengage.faults.clear();
    await world.start();
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats: 1 });
  });

  test('a second one forces the end, and loses nothing', async () => {
    const world = await startedWorld();
    const hang: Fault = { kind: 'hang', afterWork: false };
    world.telegram.faults.next('createChatInviteLink', hang);
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't' });
    await eventually(() => world.telegram.calls.of('createChatInviteLink') === 1);
    const { process } = world;
    process.signal('SIGTERM');
    await eventually(() => process.stdout.includes('stopping'));
    expect(await stopped(process, 130)).toBeLessThan(1_500);
    await world.start();
    expect(await expectPromiseKept(world, { purchases: [purchase] })).toEqual({ orphans: 0, repeats: 0 });
  });

  test('while polling, the open poll is given up', async () => {
    const world = await openWorld({ settings: { TELEGRAM_UPDATES: 'polling' } });
    await world.start();
    await eventually(() => world.telegram.calls.of('getUpdates') === 1);
    expect(await stopped(world.process, 0)).toBeLessThan(2_000);
  });

  test('while Telegram hangs at the registration of the webhook, the process is gone in time all the same', async () => {
    const world = await openWorld();
    world.telegram.faults.next('getWebhookInfo', { kind: 'hang', afterWork: false });
    const process = world.spawn();
    await process.ready(world.url);
    await eventually(() => world.telegram.calls.of('getWebhookInfo') === 1);
    expect(await stopped(process, 0)).toBeLessThan(SIGKILL_OF_CLOUD_RUN_MS);
  });
});
