import type { Context } from '../context.ts';
import { Rig } from '../rig.ts';
import { sideNames } from '../sides.ts';

/** Versions and durability settings, asked of each side while it runs. */
export async function describeSides(context: Context): Promise<Record<string, string>> {
  const described: Record<string, string> = {};
  for (const side of sideNames) {
    described[side] = await Rig.using(side, { concurrency: 1, handler: 'links' }, context, (rig) =>
      Promise.resolve(rig.description),
    );
  }
  return described;
}
