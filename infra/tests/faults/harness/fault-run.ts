import { expect } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { World } from '../../e2e/harness/world.ts';
import type { Operator } from './operator.ts';

/**
 * Goes on until `disturbing` is done, or something fails. Then `over` tells the senders to end, and all are waited for.
 */
export async function playUntilDone(
  run: { over: boolean },
  disturbing: readonly Promise<unknown>[],
  senders: readonly Promise<unknown>[],
): Promise<void> {
  const all = [...disturbing, ...senders];
  try {
    await Promise.race([Promise.all(disturbing), ...senders]);
  } finally {
    run.over = true;
    await Promise.allSettled(all);
  }
  await Promise.all(all);
}

/** Telegram's updates are all taken, and no dead letter is left. */
export async function expectNothingLeft(world: World, operator: Operator, timeoutMs: number): Promise<void> {
  const patience = { timeoutMs, intervalMs: 200 };
  await eventually(() => expect(world.telegram.updates.pendingCount).toBe(0), patience);
  await eventually(
    async () => expect(await operator.run(['dead-letters', 'list'], 0)).toMatchObject({ json: { deadLetters: [] } }),
    patience,
  );
}

/** Nobody came in by a link that nobody was told of. Returns how many of them Telegram made. */
export function expectOrphansUnused(
  world: World,
  isTold: (link: { inviteLink: string; name: string }) => boolean,
): number {
  const orphans = [...world.telegram.links.all()].filter((link) => !isTold(link));
  expect(orphans.filter(({ uses }) => uses > 0)).toEqual([]);
  return orphans.length;
}
