import { milliseconds, whole } from '../../statistics.ts';
import { bySize, type Context } from '../context.ts';
import type { SectionResult } from '../results/result.ts';
import { Tally } from '../results/tally.ts';
import type { BurstResult, SteadyResult } from '../side/question.ts';
import { sideNames } from '../sides.ts';
import { inTurns } from './in-turns.ts';

const CONCURRENCY = 100;
const ACCEPTS_AT_ONCE = 64;
const STEADY_PER_SECOND = 500;

/** A purchase from its acceptance to its link on disk: a burst, then a steady rate. */
export async function measureJobs(context: Context): Promise<SectionResult> {
  const purchases = bySize(context.size, { quick: 200, default: 20_000, full: 20_000 });
  const warmUp = Math.ceil(purchases / 10);
  const durationMs = bySize(context.size, { quick: 500, default: 4_000, full: 20_000 });
  const tally = new Tally({
    rate: { name: `jobs done in a burst of ${whole(purchases)}`, unit: '/s', better: 'more', goal: { kind: 'ahead' } },
    accepted: { name: 'until the whole burst is accepted', unit: 's', better: 'less' },
    recorded: { name: 'until its last link is recorded', unit: 's', better: 'less' },
    p50: {
      name: `purchase to link at ${STEADY_PER_SECOND}/s, p50`,
      unit: 'ms',
      better: 'less',
      goal: { kind: 'ahead' },
    },
    p99: {
      name: `purchase to link at ${STEADY_PER_SECOND}/s, p99`,
      unit: 'ms',
      better: 'less',
      goal: { kind: 'ahead' },
    },
  });
  const voidBecause: string[] = [];
  const rounds = bySize(context.size, { quick: 1, default: 3, full: 5 });
  await inTurns(
    { what: 'jobs', rounds, settings: { concurrency: CONCURRENCY, handler: 'links' } },
    context,
    async (rig, progress) => {
      await rig.ask({ kind: 'work' });
      await rig.ask({ kind: 'burst', name: 'warm', count: warmUp, atOnce: ACCEPTS_AT_ONCE });
      const burst = await rig.ask<BurstResult>({
        kind: 'burst',
        name: 'burst',
        count: purchases,
        atOnce: ACCEPTS_AT_ONCE,
      });
      const { latency } = await rig.ask<SteadyResult>({
        kind: 'steady',
        name: 'steady',
        perSecond: STEADY_PER_SECOND,
        durationMs,
      });
      const rate = (purchases * 1_000) / burst.recordedMs;
      tally.add('rate', rig.name, rate);
      tally.add('accepted', rig.name, burst.acceptedMs / 1_000);
      tally.add('recorded', rig.name, burst.recordedMs / 1_000);
      tally.add('p50', rig.name, latency.p50Ms);
      tally.add('p99', rig.name, latency.p99Ms);
      const { calls } = await rig.askTelegram('counts');
      const accepted = warmUp + purchases + Math.round((STEADY_PER_SECOND * durationMs) / 1_000);
      if (calls > accepted) voidBecause.push(`${rig.name}: ${calls} calls to Telegram for ${accepted} purchases`);
      voidBecause.push(
        ...(await rig.auditAfterKill([
          { name: 'burst', count: purchases },
          { name: 'warm', count: warmUp },
          { name: 'steady', count: accepted - purchases - warmUp },
        ])),
      );
      progress(`${whole(rate)}/s, p50 ${milliseconds(latency.p50Ms)}, p99 ${milliseconds(latency.p99Ms)}`);
    },
  );
  return {
    id: 'jobs',
    columns: sideNames,
    measures: tally.measures,
    sizes: { purchases, concurrency: CONCURRENCY, acceptsAtOnce: ACCEPTS_AT_ONCE, steadySeconds: durationMs / 1_000 },
    voidBecause,
  };
}
