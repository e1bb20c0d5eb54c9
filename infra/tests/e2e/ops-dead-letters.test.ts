import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { Fault } from '../../run/simulators/http/faults.ts';
import { buy, purchaseBodies } from './harness/buyer.ts';
import { NEXT_OPERATOR_KEY } from './harness/credentials.ts';
import { ops } from './harness/ops.ts';
import { expectPromiseKept } from './harness/promise.ts';
import type { Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

const SOURCE = 'event-emitter-link-created-events';

/** What WebEngage says of an event that it will never take. */
function refusal(status: number, message: string): Fault {
  return { kind: 'answer', status, body: { response: { status: 'error', message } } };
}

interface Listed {
  readonly total: number;
  readonly deadLetters: readonly {
    readonly id: string;
    readonly code: string;
    readonly failures: number;
    readonly retries: number;
  }[];
}

async function listed(world: World, ...options: readonly string[]): Promise<Listed> {
  const result = await ops(world, ['dead-letters', 'list', '--json', ...options]);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  return result.json as Listed;
}

/** WebEngage refuses so many events for good. */
async function refusedEvents(world: World, count: number): Promise<readonly Purchase[]> {
  world.webengage.faults.next('events', ...Array.from({ length: count }, () => refusal(400, 'no such event')));
  const purchases = await Promise.all(purchaseBodies('refused', count).map((body) => buy(world.url, body)));
  await eventually(async () => expect(await listed(world)).toMatchObject({ total: count }));
  return purchases;
}

describe('dead letters, from the command line', () => {
  test('are listed, shown, and sent again, all of them, by two operators at once: each event reaches WebEngage once', async () => {
    const world = await openWorld();
    const system = await world.start();
    const purchases = await refusedEvents(world, 12);
    const { deadLetters } = await listed(world, '--source', SOURCE, '--limit', '1');
    const [letter] = deadLetters;
    expect(deadLetters).toMatchObject([{ failures: 1, retries: 0 }]);
    expect((await ops(world, ['dead-letters', 'list'])).stdout).toMatch(
      /^id +last +source +status +failures +retries +code +reason\n/,
    );
    const shown = await ops(world, ['dead-letters', 'show', letter?.id ?? '']);
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('no such event') });
    expect(shown.stdout).toContain('LinkCreated');

    const both = await Promise.all([
      ops(world, ['dead-letters', 'retry', '--all', '--json']),
      ops(world, ['dead-letters', 'retry', '--source', SOURCE, '--json'], { OPERATOR_API_KEY: NEXT_OPERATOR_KEY }),
    ]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const numbers = both.map(({ json }) => json as { readonly retried: number; readonly failed: readonly object[] });
    expect(numbers.reduce((sum, { retried }) => sum + retried, 0)).toBe(12);
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
    expect(await listed(world)).toMatchObject({ total: 0 });
    expect(await listed(world, '--status', 'retried')).toMatchObject({ total: 12 });
    expect(system.logged('operator action')).toContainEqual(
      expect.objectContaining({ operator: 'ben', action: 'dead-letters.retry', source: SOURCE, outcome: 'done' }),
    );
  });

  test('one that fails again is the same letter with a longer history; discarding asks for a reason and for --yes', async () => {
    const world = await openWorld();
    await world.start();
    await refusedEvents(world, 1);
    const [letter] = (await listed(world)).deadLetters;
    const id = letter?.id ?? '';
    world.webengage.faults.next('events', refusal(422, 'still no such event'));
    expect(await ops(world, ['dead-letters', 'retry', id])).toMatchObject({
      code: 0,
      stdout: '1 retried, 0 skipped, 0 failed.\n',
    });
    await eventually(async () =>
      expect((await listed(world)).deadLetters).toMatchObject([{ id, failures: 2, retries: 1 }]),
    );

    expect(await ops(world, ['dead-letters', 'discard', id])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--reason is needed'),
    });
    expect(await ops(world, ['dead-letters', 'discard', id, '--reason', 'a test purchase'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('add --yes'),
    });
    expect(await ops(world, ['dead-letters', 'discard', id, '--reason', 'a test purchase', '--yes'])).toMatchObject({
      code: 0,
      stdout: '1 discarded, 0 skipped, 0 failed.\n',
    });
    expect(await ops(world, ['dead-letters', 'discard', id, '--reason', 'a test purchase', '--yes'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('it is discarded, not open'),
    });
    expect((await ops(world, ['dead-letters', 'show', id])).stdout).toMatch(/ada +discarded +a test purchase/);
    expect(await ops(world, ['dead-letters', 'show', 'unknown'])).toMatchObject({
      code: 1,
      stderr: 'There is no such dead letter\n',
    });
  });
});
