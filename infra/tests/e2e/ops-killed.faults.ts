import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, purchaseBodies, statusOf } from './harness/buyer.ts';
import type { CrashPoint } from './harness/crash-point.ts';
import { OPERATOR_KEY } from './harness/credentials.ts';
import { ops } from './harness/ops.ts';
import { expectPromiseKept } from './harness/promise.ts';
import { SystemProcess } from './harness/system-process.ts';
import type { Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

/** Given up, with their dead letters; Telegram is well again, and the system is stopped. */
async function givenUp(count: number): Promise<{ readonly world: World; readonly purchases: readonly Purchase[] }> {
  const world = await openWorld({ settings: { MAX_ATTEMPTS: '1' } });
  await world.start();
  world.telegram.faults.behaviour = ({ method }) =>
    method === 'createChatInviteLink' ? { kind: 'answer', status: 500, body: 'oops' } : undefined;
  const purchases = await Promise.all(purchaseBodies('killed', count).map((body) => buy(world.url, body)));
  await eventually(
    async () => expect((await ops(world, ['dead-letters', 'list', '--json'])).json).toMatchObject({ total: count }),
    { intervalMs: 200 },
  );
  world.telegram.faults.clear();
  await world.process.stop();
  return { world, purchases };
}

describe('a command whose system is killed', () => {
  test.each<[string, readonly string[], CrashPoint]>([
    [
      'before a task',
      ['requests', 'retry', '--all'],
      { moment: 'before', operation: 'enqueue tg-invite-queue', call: 2 },
    ],
    [
      'after a task',
      ['requests', 'retry', '--all'],
      { moment: 'after', operation: 'enqueue tg-invite-queue', call: 2 },
    ],
    [
      'after a claim',
      ['dead-letters', 'retry', '--all'],
      { moment: 'after', operation: 'update dead_letters', call: 1 },
    ],
  ])(
    '%s says "Unfinished", and run again it finishes: one link and one event for each buyer',
    async (_when, command, crashAt) => {
      const { world, purchases } = await givenUp(3);
      await world.start({ crashAt });
      expect(await ops(world, command)).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('Unfinished. Run it again: what was done already is found done.'),
      });
      await world.process.exited;
      // A claim binds for two minutes.
      await world.start({ clockAheadMs: 3 * 60_000 });
      expect(await ops(world, command)).toMatchObject({ code: 0 });
      const { orphans } = await expectPromiseKept(world, { purchases });
      expect(orphans).toBe(0);
      for (const { requestId } of purchases)
        expect(await statusOf(world.url, requestId)).toMatchObject({ status: 'DONE' });
      expect(await ops(world, ['dead-letters', 'retry', '--all'])).toMatchObject({ code: 0 });
    },
  );
});

describe('a command that is broken off', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s says so, ends with %d, and run again it finishes', async (signal, code) => {
    const { world, purchases } = await givenUp(2);
    await world.start({ crashAt: { moment: 'before', operation: 'enqueue tg-invite-queue', holdMs: 3_600_000 } });
    const command = new SystemProcess(
      'infra/ops/main.ts',
      { OPERATOR_URL: world.url, OPERATOR_API_KEY: OPERATOR_KEY },
      ['requests', 'retry', '--all'],
    );
    // It stands still before the first task; the other letter has gone its way.
    await eventually(
      async () =>
        expect((await ops(world, ['dead-letters', 'list', '--json', '--status', 'retrying'])).json).toMatchObject({
          total: 1,
        }),
      { intervalMs: 200 },
    );
    command.signal(signal);
    expect(await command.exited).toEqual({ code, signal: null });
    expect(command.stderr).toContain('Unfinished. Run it again');
    await world.process.kill();
    await world.start({ clockAheadMs: 3 * 60_000 });
    expect(await ops(world, ['requests', 'retry', '--all'])).toMatchObject({ code: 0 });
    expect((await expectPromiseKept(world, { purchases })).orphans).toBe(0);
  });
});
