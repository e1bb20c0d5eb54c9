import type { Section } from '../report.ts';
import { describeCost, median, spread, whole } from '../statistics.ts';
import type { Context } from './context.ts';
import { perSecond, runPipeline, type PipelineRun } from './pipeline-run.ts';

const GOAL_SHARE = 0.02;

interface Pair {
  readonly on: PipelineRun;
  readonly off: PipelineRun;
}

/**
 * The whole pipeline with metrics and without, one after the other and in turns first: what else the machine does hits
 * both alike.
 */
export async function measureTelemetry(context: Context): Promise<Section> {
  const purchases = context.quick ? 300 : 6_000;
  const load = { kind: 'closed', connections: 64, maxRequests: purchases, maxDurationMs: 60_000 } as const;
  const run = (disabled: boolean): Promise<PipelineRun> =>
    runPipeline(
      { kind: 'system', logLevel: 'warn', environment: { OTEL_SDK_DISABLED: String(disabled) }, load },
      context,
    );
  const pairs: Pair[] = [];
  for (let round = 1; round <= (context.quick ? 1 : 10); round += 1) {
    const first = await run(round % 2 === 0);
    const second = await run(round % 2 === 1);
    const pair = round % 2 === 1 ? { on: first, off: second } : { on: second, off: first };
    context.progress(
      `telemetry: pair ${round}: ${whole(perSecond(pair.on))}/s with, ${whole(perSecond(pair.off))}/s without, processor time ${percent(addedTime(pair) ?? 0)}`,
    );
    pairs.push(pair);
  }
  const on = pairs.map((pair) => pair.on);
  const off = pairs.map((pair) => pair.off);
  const lost = pairs.map((pair) => 1 - perSecond(pair.on) / perSecond(pair.off));
  const added = pairs.map(addedTime).filter((share) => share !== undefined);
  return {
    title: 'Metrics, on against off',
    rows: [
      {
        measure: `throughput lost, ${pairs.length} pairs of ${whole(purchases)} purchases`,
        goal: `< ${GOAL_SHARE * 100} %`,
        figure: `${percent(median(lost))}, ${spread(on.map(perSecond), '/s')}`,
        reference: spread(off.map(perSecond), '/s'),
        met: median(lost) < GOAL_SHARE,
        values: { lost, perSecond: on.map(perSecond), referencePerSecond: off.map(perSecond) },
      },
      {
        measure: 'processor time added to a purchase',
        goal: '',
        figure: `${percent(median(added))}, ${describeCost(on.map((one) => one.cpuUsEach))}`,
        reference: describeCost(off.map((one) => one.cpuUsEach)),
        values: { added },
      },
    ],
    notes: [
      'Median of the pairs. Reference: the same system with OTEL_SDK_DISABLED=true. Processor time is what other work on the machine changes least.',
    ],
    voidBecause: pairs.flatMap((pair) => [...pair.on.voidBecause, ...pair.off.voidBecause]),
  };
}

function addedTime({ on, off }: Pair): number | undefined {
  return on.cpuUsEach === undefined || off.cpuUsEach === undefined ? undefined : on.cpuUsEach / off.cpuUsEach - 1;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
