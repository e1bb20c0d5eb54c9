import { createHistogram } from 'node:perf_hooks';
import { purchaseIds } from '../load/purchases.ts';
import type { Row, Section } from '../report.ts';
import {
  describeCost,
  describeLatency,
  latencyOf,
  median,
  recordMs,
  spread,
  whole,
  type Latency,
} from '../statistics.ts';
import type { Finished } from '../store-audit.ts';
import type { Context } from './context.ts';
import {
  CONCURRENCY,
  perSecond,
  RUN_NAME,
  runPipeline,
  type PipelineOptions,
  type PipelineRun,
} from './pipeline-run.ts';

const GOAL_PER_SECOND = 1_000;
const STEADY_PER_SECOND = 300;
const GOAL_STEADY_P99_MS = 1_000;

/** Purchase → link → event, with a Telegram and a WebEngage that never say no. */
export async function measurePipeline(context: Context): Promise<Section> {
  const purchases = context.quick ? 300 : 10_000;
  const burst = { kind: 'closed', connections: 64, maxRequests: purchases, maxDurationMs: 60_000 } as const;
  const runs: {
    readonly label: string;
    readonly options: Omit<PipelineOptions, 'load'>;
    readonly done: PipelineRun[];
  }[] = [
    { label: 'reference', options: { kind: 'reference', logLevel: 'warn' }, done: [] },
    { label: 'whole system', options: { kind: 'system', logLevel: 'warn' }, done: [] },
    { label: 'whole system, LOG_LEVEL=info', options: { kind: 'system', logLevel: 'info' }, done: [] },
  ];
  for (let round = 1; round <= (context.quick ? 1 : 2); round += 1) {
    for (const { label, options, done } of runs) {
      const run = await runPipeline({ ...options, load: burst }, context);
      context.progress(
        `pipeline: ${label}, round ${round}: ${whole(perSecond(run))}/s, ${describeCost([run.cpuUsEach])}`,
      );
      done.push(run);
    }
  }
  const steady = {
    kind: 'open',
    requestsPerSecond: STEADY_PER_SECOND,
    durationMs: context.quick ? 1_000 : 20_000,
  } as const;
  const steadyReference = { ...steady, durationMs: steady.durationMs / 2 };
  const steadyRuns = {
    reference: await runPipeline({ kind: 'reference', logLevel: 'warn', load: steadyReference }, context),
    system: await runPipeline({ kind: 'system', logLevel: 'warn', load: steady }, context),
  };
  const [reference = [], ...ours] = runs.map(({ done }) => done.map(perSecond));
  const [referenceCost = '', ...costs] = runs.map(({ done }) => describeCost(done.map((run) => run.cpuUsEach)));
  return {
    title: `Pipeline, purchase to event (disk: ${whole(context.fsyncsPerSecond)} fsync/s)`,
    rows: [
      ...ours.map((figures, index): Row => {
        const share = median(figures) / median(reference);
        return {
          measure: `${runs[index + 1]?.label ?? ''}, ${whole(purchases)} purchases`,
          goal: `≥ ${whole(GOAL_PER_SECOND)}/s`,
          figure: `${spread(figures, '/s')} = ${share.toFixed(2)} ×, ${costs[index] ?? ''}`,
          reference: `${spread(reference, '/s')}, ${referenceCost}`,
          met: median(figures) >= GOAL_PER_SECOND,
          values: { perSecond: figures, referencePerSecond: reference, share },
        };
      }),
      latencyRow('purchase → link', ({ linkCreatedAt }) => linkCreatedAt, steadyRuns),
      latencyRow('purchase → event', ({ eventSentAt }) => eventSentAt, steadyRuns),
    ],
    notes: [
      `Reference: the same two calls for each purchase with the same HTTP client, ${CONCURRENCY} at once, and two SQLite rows with group commit; nothing survives a crash.`,
      'The generator and the simulators share the processor with the system.',
    ],
    voidBecause: [...runs.flatMap(({ done }) => done), steadyRuns.reference, steadyRuns.system].flatMap(
      (run) => run.voidBecause,
    ),
  };
}

function latencyRow(
  stage: string,
  timeOf: (finished: Finished) => number,
  runs: { readonly reference: PipelineRun; readonly system: PipelineRun },
): Row {
  const figure = steadyLatency(runs.system, timeOf);
  const reference = steadyLatency(runs.reference, timeOf);
  return {
    measure: `${stage}, ${STEADY_PER_SECOND} purchases/s`,
    goal: `p99 < ${GOAL_STEADY_P99_MS / 1_000} s`,
    figure: describeLatency(figure),
    reference: describeLatency(reference),
    met: figure.p99Ms < GOAL_STEADY_P99_MS,
    values: { ...figure, referenceP99Ms: reference.p99Ms },
  };
}

/** From the moment the request was due. */
function steadyLatency(run: PipelineRun, timeOf: (finished: Finished) => number): Latency {
  const histogram = createHistogram();
  for (let index = 0; index < run.load.sent; index += 1) {
    const finished = run.finished.get(purchaseIds(RUN_NAME, index).transactionId);
    if (finished === undefined) continue;
    recordMs(histogram, timeOf(finished) - (run.load.startedAtMs + (index * 1_000) / STEADY_PER_SECOND));
  }
  return latencyOf(histogram);
}
