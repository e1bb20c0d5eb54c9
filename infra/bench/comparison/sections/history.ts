import { Child } from '../../processes/child.ts';
import { milliseconds, whole } from '../../statistics.ts';
import { bySize, type Context } from '../context.ts';
import { folderBytes } from '../footprint.ts';
import type { SectionResult } from '../results/result.ts';
import { Tally } from '../results/tally.ts';
import { Rig } from '../rig.ts';
import type { HistoryJob } from '../side/fill-history.ts';
import type { BurstResult, SteadyResult } from '../side/question.ts';

const CONCURRENCY = 100;
const STEADY_PER_SECOND = 500;
const ACCEPTS_AT_ONCE = 64;

/** Whether a store that is full of the past is slower: ours, at 1, 10 and 100 times the history. */
export async function measureHistory(context: Context): Promise<SectionResult> {
  const documents = bySize(context.size, { quick: 300, default: 30_000, full: 50_000 });
  const purchases = bySize(context.size, { quick: 200, default: 10_000, full: 20_000 });
  const durationMs = bySize(context.size, { quick: 500, default: 4_000, full: 20_000 });
  const columns = [1, 10, 100].map((factor) => `${whole(documents * factor)} documents`);
  const [smallest = '', , largest = ''] = columns;
  const tally = new Tally({
    rate: {
      name: `jobs done in a burst of ${whole(purchases)}`,
      unit: '/s',
      better: 'more',
      goal: { kind: 'share', column: largest, of: smallest, atLeast: 0.5 },
    },
    p50: { name: `purchase to link at ${STEADY_PER_SECOND}/s, p50`, unit: 'ms', better: 'less' },
    p99: { name: `purchase to link at ${STEADY_PER_SECOND}/s, p99`, unit: 'ms', better: 'less' },
    disk: { name: 'store on disk before the run', unit: 'MiB', better: 'less' },
  });
  const voidBecause: string[] = [];
  const rounds = bySize(context.size, { quick: 1, default: 2, full: 3 });
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, column] of columns.entries()) {
      const fill = (dataDir: string): Promise<void> =>
        context.workspace.using(new Child(new URL('../side/fill-history.ts', import.meta.url).href), (child) =>
          child.ask<undefined>({ dataDir, documents: documents * 10 ** index } satisfies HistoryJob),
        );
      await Rig.using(
        'ours',
        { concurrency: CONCURRENCY, handler: 'links' },
        context,
        async (rig) => {
          tally.add('disk', column, folderBytes(rig.dataFolder) / 2 ** 20);
          await rig.ask({ kind: 'work' });
          await rig.ask({ kind: 'burst', name: 'warm', count: purchases / 10, atOnce: ACCEPTS_AT_ONCE });
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
          tally.add('rate', column, rate);
          tally.add('p50', column, latency.p50Ms);
          tally.add('p99', column, latency.p99Ms);
          voidBecause.push(...(await rig.auditAfterKill([{ name: 'burst', count: purchases }])));
          context.progress(
            `history, round ${round} of ${rounds}, ${column}: ${whole(rate)}/s, p99 ${milliseconds(latency.p99Ms)}`,
          );
        },
        fill,
      );
    }
  }
  return {
    id: 'history',
    columns,
    measures: tally.measures,
    sizes: { purchases, documents, messages: Math.ceil((documents * 100) / 3) * 2 },
    voidBecause,
  };
}
