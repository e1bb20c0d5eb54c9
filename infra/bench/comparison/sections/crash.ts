import { setTimeout as sleep } from 'node:timers/promises';
import { bySize, type Context } from '../context.ts';
import type { SectionResult } from '../results/result.ts';
import { Tally } from '../results/tally.ts';
import type { Rig } from '../rig.ts';
import type { Progress } from '../side/question.ts';
import { sideNames } from '../sides.ts';
import { inTurns } from './in-turns.ts';

const LOOK_EVERY_MS = 5;
const IN_FLIGHT_WITHIN_MS = 60_000;

/** SIGKILL while Telegram has not answered any of many calls; from then until every link is recorded. */
export async function measureCrash(context: Context): Promise<SectionResult> {
  const inFlight = bySize(context.size, { quick: 50, default: 1_000, full: 1_000 });
  const tally = new Tally({
    recovered: {
      name: `SIGKILL with ${inFlight} calls under way, until all links are recorded`,
      unit: 's',
      better: 'less',
      goal: { kind: 'ahead' },
    },
    first: { name: 'of that, until the first link', unit: 's', better: 'less' },
  });
  const voidBecause: string[] = [];
  const rounds = bySize(context.size, { quick: 1, default: 2, full: 5 });
  await inTurns(
    { what: 'crash', rounds, settings: { concurrency: inFlight, handler: 'links' } },
    context,
    async (rig, progress) => {
      await rig.ask({ kind: 'work' });
      await rig.askTelegram('hold');
      await rig.ask({ kind: 'fill', name: 'run', count: inFlight });
      await untilHeld(rig, inFlight);
      const killedAt = Date.now();
      await rig.end('SIGKILL');
      await rig.askTelegram('release');
      await rig.reopen();
      await rig.ask({ kind: 'work' });
      const { firstAt, lastAt } = await rig.ask<Progress>({ kind: 'until-recorded', count: inFlight });
      tally.add('recovered', rig.name, (lastAt - killedAt) / 1_000);
      tally.add('first', rig.name, (firstAt - killedAt) / 1_000);
      progress(`all recorded after ${((lastAt - killedAt) / 1_000).toFixed(1)} s`);
      voidBecause.push(...(await rig.auditAfterKill([{ name: 'run', count: inFlight }])));
    },
  );
  return { id: 'crash', columns: sideNames, measures: tally.measures, sizes: { inFlight }, voidBecause };
}

async function untilHeld(rig: Rig, wanted: number): Promise<void> {
  const deadline = Date.now() + IN_FLIGHT_WITHIN_MS;
  for (;;) {
    const { held } = await rig.askTelegram('counts');
    if (held >= wanted) return;
    if (Date.now() > deadline) throw new Error(`${rig.name} has only ${held} of ${wanted} calls under way`);
    await sleep(LOOK_EVERY_MS);
  }
}
