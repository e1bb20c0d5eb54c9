import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadJob, LoadResult } from '../load/job.ts';
import { Child } from '../processes/child.ts';
import { API_KEY, MeasuredSystem, OPERATOR_KEY } from '../processes/measured-system.ts';
import type { SimulatorAddress, SimulatorCounts, SimulatorQuestion } from '../processes/simulators-process.ts';
import type { Row, Section } from '../report.ts';
import { describeLatency, latencyOf, recordMs, whole, type Latency } from '../statistics.ts';
import { linkWaits } from '../store-audit.ts';
import type { Context } from './context.ts';
import { RUN_NAME, settingsFor, untilEventsArrived } from './pipeline-run.ts';

const GOAL_P99_MS = 1_000;
const LINKS_PER_SECOND = 5;
const POLL_MS = 200;
/** The simulated Telegram makes these as fast as it can. */
const FILLING = { SAFE_RPS_SLEEP_MS: '0', LINK_POOL_TICK_SECONDS: '0.5' };
const SELLING = {
  SAFE_RPS_SLEEP_MS: String(1_000 / LINKS_PER_SECOND),
  LINK_RATE: 'fixed',
  LINK_POOL_TICK_SECONDS: '60',
};

interface Burst {
  /** From the acknowledgement to the record of the link. */
  readonly latency: Latency;
  readonly eventsSeconds: number;
  readonly missing: number;
}

/** A flash sale, while Telegram makes a few links a second: with as many links ready, and with none. */
export async function measureBurst(context: Context): Promise<Section> {
  const purchases = context.quick ? 100 : 10_000;
  const some = context.quick ? 10 : 300;
  const few = context.long ? purchases : some;
  const pooled = await burst(purchases, purchases, context);
  context.progress(`burst: ${whole(purchases)} purchases with a pool: ${describeLatency(pooled.latency)}`);
  const queued = await burst(few, 0, context);
  context.progress(`burst: ${whole(few)} purchases without: ${describeLatency(queued.latency)}`);
  const row: Row = {
    measure: `acknowledged → link recorded, ${whole(purchases)} purchases, a pool of as many`,
    goal: `p99 < ${GOAL_P99_MS / 1_000} s`,
    figure: `${describeLatency(pooled.latency)}; all told to WebEngage after ${whole(pooled.eventsSeconds)} s`,
    reference: `no pool, ${whole(few)} purchases: ${describeLatency(queued.latency)}`,
    met: pooled.latency.p99Ms < GOAL_P99_MS,
    values: {
      ...pooled.latency,
      eventsSeconds: pooled.eventsSeconds,
      referenceP50Ms: queued.latency.p50Ms,
      referenceMaxMs: queued.latency.maxMs,
    },
  };
  return {
    title: `A burst, Telegram making ${LINKS_PER_SECOND} links a second (disk: ${whole(context.fsyncsPerSecond)} fsync/s)`,
    rows: [row],
    notes: [
      `Without a pool the last of ${whole(purchases)} purchases waits ${whole(purchases / LINKS_PER_SECOND)} s: the queue ÷ ${LINKS_PER_SECOND}/s.`,
      'WebEngage takes 5,000 events a minute.',
    ],
    voidBecause: [pooled, queued].flatMap(({ missing }) =>
      missing === 0 ? [] : [`${missing} acknowledged purchases have no link or no event`],
    ),
  };
}

function burst(purchases: number, poolSize: number, context: Context): Promise<Burst> {
  const { workspace } = context;
  return workspace.using(new Child('./simulators-process.ts'), (simulators) =>
    workspace.using(new Child('../load/generator-process.ts'), async (generator) => {
      const address = await simulators.ask<SimulatorAddress>('start' satisfies SimulatorQuestion);
      const dataDir = workspace.folder();
      if (poolSize > 0) await fill(dataDir, poolSize, address, simulators, context);
      const system = await started(dataDir, address, SELLING, context);
      const job: LoadJob = {
        port: system.port,
        apiKey: API_KEY,
        name: RUN_NAME,
        load: { kind: 'closed', connections: 64, maxRequests: purchases, maxDurationMs: 120_000 },
      };
      const load = await generator.ask<LoadResult>(job);
      const acknowledged = load.sent - load.refused.length;
      const { events } = await untilEventsArrived(simulators, acknowledged);
      const eventsSeconds = (Date.now() - load.startedAtMs) / 1_000;
      await sleep(POLL_MS);
      await system.stop();
      const waits = linkWaits(dataDir);
      workspace.removeFolder(dataDir);
      const histogram = createHistogram();
      for (const waitMs of waits) recordMs(histogram, waitMs);
      const missing = Math.max(acknowledged - waits.length, acknowledged - events);
      return { latency: latencyOf(histogram), eventsSeconds, missing };
    }),
  );
}

/** Leaves a stopped system with so many links ready. */
async function fill(
  dataDir: string,
  poolSize: number,
  address: SimulatorAddress,
  simulators: Child,
  context: Context,
): Promise<void> {
  const system = await started(dataDir, address, FILLING, context);
  const answer = await fetch(`${system.url}/v1/ops/communities/default`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ poolSize }),
  });
  if (answer.status !== 200) throw new Error(`The pool was refused: ${await answer.text()}`);
  for (let links = 0; links < poolSize;) {
    await sleep(POLL_MS);
    ({ links } = await simulators.ask<SimulatorCounts>('counts' satisfies SimulatorQuestion));
  }
  // The last one is recorded a moment after Telegram has made it.
  await sleep(POLL_MS);
  await system.stop();
}

function started(
  dataDir: string,
  address: SimulatorAddress,
  pace: Readonly<Record<string, string>>,
  { workspace, profileFolder }: Context,
): Promise<MeasuredSystem> {
  return MeasuredSystem.start({ dataDir, environment: { ...settingsFor(address), ...pace }, profileFolder }, workspace);
}
