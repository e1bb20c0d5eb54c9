import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadJob, LoadResult } from '../load/job.ts';
import { Child } from '../processes/child.ts';
import { withCpuTime } from '../processes/cpu-time.ts';
import { API_KEY, MeasuredSystem } from '../processes/measured-system.ts';
import type { MembershipsJob } from '../processes/memberships-process.ts';
import { residentMiB } from '../processes/resident-memory.ts';
import type { SimulatorAddress, SimulatorQuestion } from '../processes/simulators-process.ts';
import type { Section } from '../report.ts';
import { describeCost, describeLatency, median, milliseconds, whole } from '../statistics.ts';
import { countMissing, endedMemberships, storedPurchases, type EndedMemberships } from '../store-audit.ts';
import type { Context } from './context.ts';
import { settingsFor } from './pipeline-run.ts';

const GOAL_IDLE_MS = 10;
const GOAL_ENDS_MS = 60_000;
const GOAL_WAIT_MS = 100;
const GOAL_MIB = 300;
const DAY_MS = 24 * 3_600_000;
const PURCHASES_PER_SECOND = 20;
/** Enough to start the system before the ends, and to see how long purchases wait then. */
const START_MS = 20_000;
const LOOK_MS = 250;

/** What a tick costs when nothing is due, and when many memberships end in one minute while people buy. */
export async function measureMemberships(context: Context): Promise<Section> {
  const { workspace, progress } = context;
  const ending = context.quick ? 1_000 : 100_000;
  const staying = context.quick ? 9_000 : 900_000;
  const dataDir = workspace.folder();
  const startedAtMs = Date.now();
  await ask({ kind: 'fill', dataDir, name: 'stays', count: staying, boughtAtMs: Date.now(), period: 'P1Y' }, context);
  const fillMsEach = (Date.now() - startedAtMs) / staying;
  progress(`memberships: ${whole(staying)} stored`);
  // The first one reads the communities.
  const [, ...idle] = await ask({ kind: 'tick', dataDir, ticks: 51 }, context);
  progress(`memberships: a tick with nothing due ${milliseconds(median(idle))}`);

  const endsAtMs = Date.now() + 2 * ending * fillMsEach + START_MS;
  const boughtAtMs = endsAtMs - 2 * DAY_MS;
  // One day is the grace.
  await ask({ kind: 'fill', dataDir, name: 'ends', count: ending, boughtAtMs, period: 'P1D' }, context);
  progress(`memberships: ${whole(ending)} stored that end at once`);
  const run = await runEnds(dataDir, endsAtMs, context);
  const { audit, load, mebibytes } = run;
  const tookMs = audit.lastToldAt - audit.firstToldAt;
  workspace.removeFolder(dataDir);
  return {
    title: `Memberships: ${whole(staying + ending)}, of which ${whole(ending)} end at once`,
    rows: [
      {
        measure: 'a tick with nothing due',
        goal: `< ${GOAL_IDLE_MS} ms`,
        figure: `${milliseconds(median(idle))}, longest of ${idle.length} ${milliseconds(Math.max(...idle))}`,
        reference: '',
        met: median(idle) < GOAL_IDLE_MS,
        values: { milliseconds: idle },
      },
      {
        measure: 'all ends decided and told',
        goal: `< ${GOAL_ENDS_MS / 1_000} s`,
        figure: `${(tookMs / 1_000).toFixed(1)} s`,
        reference: `${describeCost([run.cpuUs === undefined ? undefined : run.cpuUs / ending])}, with all else`,
        met: tookMs < GOAL_ENDS_MS,
        values: { milliseconds: tookMs },
      },
      {
        measure: `answer to a purchase meanwhile, ${PURCHASES_PER_SECOND}/s`,
        goal: `max < ${GOAL_WAIT_MS} ms`,
        figure: describeLatency(load.latency),
        reference: describeLatency(run.before.latency),
        met: load.latency.maxMs < GOAL_WAIT_MS,
        values: { ...load.latency },
      },
      {
        measure: 'memory, the most',
        goal: `< ${GOAL_MIB} MiB`,
        figure: `${whole(Math.max(...mebibytes))} MiB`,
        reference: `${whole(mebibytes[0] ?? NaN)} MiB before`,
        met: Math.max(...mebibytes) < GOAL_MIB,
        values: { mebibytes: Math.max(...mebibytes) },
      },
    ],
    notes: [
      'The reference of the purchases is the same load before the ends. Their community removes people: the breaker holds all of them.',
    ],
    voidBecause: faults(ending, run),
  };
}

interface EndsRun {
  readonly audit: EndedMemberships;
  readonly before: LoadResult;
  readonly load: LoadResult;
  /** Of the whole system, with the purchases and with what it tells WebEngage meanwhile. */
  readonly cpuUs: number | undefined;
  readonly missing: number;
  readonly mebibytes: readonly number[];
}

function runEnds(dataDir: string, endsAtMs: number, context: Context): Promise<EndsRun> {
  const { workspace, profileFolder, progress } = context;
  return workspace.using(new Child('./simulators-process.ts'), (simulators) =>
    workspace.using(new Child('../load/generator-process.ts'), async (generator) => {
      const question: SimulatorQuestion = 'start';
      const address = await simulators.ask<SimulatorAddress>(question);
      const environment = { ...settingsFor(address), MEMBERSHIP_TICK_SECONDS: '5' };
      const system = await MeasuredSystem.start({ dataDir, environment, profileFolder }, workspace);
      const ask = (name: string, durationMs: number): Promise<LoadResult> => {
        const load = { kind: 'open', requestsPerSecond: PURCHASES_PER_SECOND, durationMs } as const;
        return generator.ask<LoadResult>({ port: system.port, apiKey: API_KEY, name, load } satisfies LoadJob);
      };
      const leftMs = endsAtMs - Date.now() - 1_000;
      if (leftMs < 5_000) throw new Error('The store was filled too slowly: the time of the ends has come already');
      const before = await ask('before', leftMs);
      progress('memberships: the ends come');
      const mebibytes = [residentMiB(system.pid)];
      const watching = new AbortController();
      const watched = watch(system.pid, mebibytes, watching.signal);
      const durationMs = context.quick ? 12_000 : GOAL_ENDS_MS + 15_000;
      const { result: load, cpuUs } = await withCpuTime(system.pid, () => ask('run', durationMs));
      watching.abort();
      await watched;
      await system.stop();
      const stored = storedPurchases(dataDir, 'system');
      const missing = countMissing('before', before, stored) + countMissing('run', load, stored);
      return { audit: endedMemberships(dataDir), before, load, cpuUs, missing, mebibytes };
    }),
  );
}

async function watch(pid: number, mebibytes: number[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    mebibytes.push(residentMiB(pid));
    await sleep(LOOK_MS);
  }
}

function faults(ending: number, { audit, missing }: EndsRun): string[] {
  const { ended, told, toldOnce, unsettled } = audit;
  return [
    ...(missing > 0 ? [`${missing} acknowledged purchases are missing`] : []),
    ...(ended === ending && told === ending && toldOnce === ending && unsettled === 0
      ? []
      : [`of ${ending} memberships ${ended} ended, ${told} were told, ${toldOnce} once, ${unsettled} are not settled`]),
  ];
}

/** Each answer comes from a process of its own: the store belongs to one at a time. */
function ask(job: MembershipsJob, { workspace }: Context): Promise<readonly number[]> {
  return workspace.using(new Child('./memberships-process.ts'), (child) => child.ask<readonly number[]>(job));
}
