import type { LoadJob, LoadResult } from '../load/job.ts';
import { acknowledgedPerSecond } from '../load/job.ts';
import { Child } from '../processes/child.ts';
import { withCpuTime } from '../processes/cpu-time.ts';
import { API_KEY } from '../processes/measured-system.ts';
import type { Row, Section } from '../report.ts';
import { describeCost, describeLatency, median, medianLatency, spread, whole, type Latency } from '../statistics.ts';
import { countMissing, storedPurchases } from '../store-audit.ts';
import type { Context } from './context.ts';
import { startIntakeServer, type IntakeServer } from './intake-servers.ts';

const servers: readonly IntakeServer[] = ['reference', 'intake-service alone', 'whole system'];
const CONNECTIONS = 64;
const OPEN_LOOP_PER_SECOND = 2_000;
const GOAL_SHARE_OF_REFERENCE = 0.5;
const GOAL_P99_MS = 100;

/** Durable intake: how many purchases a second at most, and how long one waits at a steady rate. */
export function measureIntake(context: Context): Promise<Section> {
  return context.workspace.using(new Child('../load/generator-process.ts'), async (generator) => {
    const findings: string[] = [];
    const durationMs = context.quick ? 500 : 3_000;
    const loads = {
      closed: { kind: 'closed', connections: CONNECTIONS, maxDurationMs: durationMs },
      open: { kind: 'open', requestsPerSecond: OPEN_LOOP_PER_SECOND, durationMs },
    } as const;
    const runs = { closed: noRuns(), open: noRuns() };
    for (const kind of ['closed', 'open'] as const) {
      for (let round = 1; round <= (context.quick ? 1 : 3); round += 1) {
        // In turns: what else the machine does at the time hits all of them alike.
        for (const server of servers) {
          const run = await oneRun(server, loads[kind], { context, generator, findings });
          const figure =
            kind === 'closed'
              ? `${whole(run.perSecond)}/s, ${describeCost([run.cpuUsEach])}`
              : describeLatency(run.load.latency);
          context.progress(`intake: ${server}, ${kind} loop, round ${round}: ${figure}`);
          runs[kind].get(server)?.push(run);
        }
      }
    }
    return {
      title: `Durable intake, POST /v1/invite/request (disk: ${whole(context.fsyncsPerSecond)} fsync/s)`,
      rows: [...throughputRows(runs.closed), ...latencyRows(runs.open)],
      notes: [
        'Reference: bare node:http that writes the same rows in the same group commit: no routing, authentication, validation or log. "Whole system" also consumes and records every request meanwhile.',
        'Figures are medians of the runs, in turns; in brackets the range.',
        'Every server is killed (SIGKILL) after its run, and its file searched for every purchase that it had acknowledged.',
      ],
      voidBecause: findings,
    };
  });
}

interface IntakeRun {
  readonly load: LoadResult;
  readonly perSecond: number;
  /** Processor time of the server for each purchase. */
  readonly cpuUsEach: number | undefined;
}

type Runs = ReadonlyMap<IntakeServer, IntakeRun[]>;

function noRuns(): Runs {
  return new Map(servers.map((server) => [server, []]));
}

interface RunDeps {
  readonly context: Context;
  readonly generator: Child;
  readonly findings: string[];
}

async function oneRun(
  server: IntakeServer,
  load: LoadJob['load'],
  { context, generator, findings }: RunDeps,
): Promise<IntakeRun> {
  const dataDir = context.workspace.folder();
  const running = await startIntakeServer(server, dataDir, context);
  const warmUp = {
    ...load,
    ...(load.kind === 'closed' ? { maxDurationMs: load.maxDurationMs / 3 } : { durationMs: load.durationMs / 3 }),
  };
  const ask = (name: string, thisLoad: LoadJob['load']): Promise<LoadResult> =>
    generator.ask<LoadResult>({ port: running.port, apiKey: API_KEY, name, load: thisLoad } satisfies LoadJob);
  const warm = await ask('warm', warmUp);
  const { result, cpuUs } = await withCpuTime(running.pid, () => ask('run', load));
  const accepted = result.sent - result.refused.length;
  // A profile is written at an orderly end only.
  await running.stop(context.profileFolder === undefined ? 'SIGKILL' : 'SIGTERM');
  if (accepted === 0) throw new Error(`${server} accepted no purchase`);
  const stored = storedPurchases(dataDir, server === 'reference' ? 'reference' : 'system');
  const missing = countMissing('warm', warm, stored) + countMissing('run', result, stored);
  if (missing > 0) findings.push(`${server}: ${missing} acknowledged purchases are missing`);
  if (result.refused.length > 0)
    context.progress(`intake: ${server} refused ${result.refused.length} of ${result.sent}`);
  context.workspace.removeFolder(dataDir);
  return {
    load: result,
    perSecond: acknowledgedPerSecond(result),
    cpuUsEach: cpuUs === undefined ? undefined : cpuUs / accepted,
  };
}

function throughputRows(results: Runs): Row[] {
  const rates = (server: IntakeServer): number[] => (results.get(server) ?? []).map((run) => run.perSecond);
  const costs = (server: IntakeServer): (number | undefined)[] =>
    (results.get(server) ?? []).map((run) => run.cpuUsEach);
  const reference = rates('reference');
  return ours().map((server) => {
    const figures = rates(server);
    const share = median(figures) / median(reference);
    return {
      measure: `${server}, ${CONNECTIONS} connections`,
      goal: `≥ ${GOAL_SHARE_OF_REFERENCE} × reference`,
      figure: `${spread(figures, '/s')} = ${share.toFixed(2)} ×, ${describeCost(costs(server))}`,
      reference: `${spread(reference, '/s')}, ${describeCost(costs('reference'))}`,
      met: share >= GOAL_SHARE_OF_REFERENCE,
      values: { perSecond: figures, referencePerSecond: reference, share },
    };
  });
}

function latencyRows(results: Runs): Row[] {
  const latencyOf = (server: IntakeServer): Latency =>
    medianLatency((results.get(server) ?? []).map((run) => run.load.latency));
  const reference = latencyOf('reference');
  return ours().map((server) => {
    const latency = latencyOf(server);
    const refused = (results.get(server) ?? []).reduce((sum, run) => sum + run.load.refused.length, 0);
    return {
      measure: `${server}, ${whole(OPEN_LOOP_PER_SECOND)} requests/s`,
      goal: `p99 < ${GOAL_P99_MS} ms`,
      figure: describeLatency(latency),
      reference: describeLatency(reference),
      met: latency.p99Ms < GOAL_P99_MS && refused === 0,
      values: { ...latency, refused, referenceP99Ms: reference.p99Ms },
    };
  });
}

function ours(): readonly IntakeServer[] {
  return servers.filter((server) => server !== 'reference');
}
