import type { Context } from '../context.ts';
import { Rig, type RigSettings } from '../rig.ts';
import { sideNames, type SideName } from '../sides.ts';

export interface Turns {
  readonly what: string;
  readonly rounds: number;
  readonly settings: RigSettings;
  /** Every side by default. */
  readonly sides?: readonly SideName[];
}

/**
 * Runs every side in each round, forwards and backwards in turn: what else the machine does at the time, and what the
 * disk remembers of the last run, hits all of them alike.
 */
export async function inTurns(
  { what, rounds, settings, sides = sideNames }: Turns,
  context: Context,
  run: (rig: Rig, progress: (text: string) => void) => Promise<void>,
): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    const order = round % 2 === 1 ? sides : sides.toReversed();
    for (const side of order) {
      await Rig.using(side, settings, context, (rig) =>
        run(rig, (text) => context.progress(`${what}, round ${round} of ${rounds}, ${side}: ${text}`)),
      );
    }
  }
}
