import { Child } from '../../processes/child.ts';
import type { IntakeOnlyJob } from '../../processes/intake-only-server.ts';
import { API_KEY, MeasuredSystem } from '../../processes/measured-system.ts';
import type { ReferenceJob } from '../../processes/reference-server.ts';
import { acknowledgedPerSecond, type LoadJob, type LoadResult } from '../../load/job.ts';
import { milliseconds, whole } from '../../statistics.ts';
import { countMissing, storedPurchases } from '../../store-audit.ts';
import { bySize, type Context } from '../context.ts';
import type { SectionResult } from '../results/result.ts';
import { Tally } from '../results/tally.ts';

const CONNECTIONS = 64;

const servers = {
  'ours, intake-service alone': '../../processes/intake-only-server.ts',
  'ours, whole system': undefined,
  'node:http, group commit': '../../processes/reference-server.ts',
  'node:http, one fsync each': '../../processes/reference-server.ts',
  Express: '../../peers/express-intake.ts',
} as const;

type ServerName = keyof typeof servers;

const GROUPED: ServerName = 'node:http, group commit';

/** Purchases made durable over HTTP, each answered only when it is on the disk. */
export async function measureIntake(context: Context): Promise<SectionResult> {
  const names = Object.keys(servers) as ServerName[];
  const maxDurationMs = bySize(context.size, { quick: 300, default: 2_000, full: 10_000 });
  const tally = new Tally({
    rate: {
      name: `purchases acknowledged, ${CONNECTIONS} connections`,
      unit: '/s',
      better: 'more',
      goal: { kind: 'share', column: 'ours, intake-service alone', of: GROUPED, atLeast: 0.5 },
    },
    whole: {
      name: 'the same, of the whole system that also works them off',
      unit: '/s',
      better: 'more',
      goal: { kind: 'share', column: 'ours, whole system', of: GROUPED, atLeast: 0.5 },
    },
    p50: { name: 'answer, p50', unit: 'ms', better: 'less' },
    p99: { name: 'answer, p99', unit: 'ms', better: 'less' },
  });
  const voidBecause: string[] = [];
  const rounds = bySize(context.size, { quick: 1, default: 3, full: 5 });
  await context.workspace.using(new Child('../load/generator-process.ts'), async (generator) => {
    for (let round = 1; round <= rounds; round += 1) {
      for (const name of round % 2 === 1 ? names : names.toReversed()) {
        const dataDir = context.workspace.folder();
        const server = await startServer(name, dataDir, context);
        const ask = (run: string, durationMs: number): Promise<LoadResult> =>
          generator.ask<LoadResult>({
            port: server.port,
            apiKey: API_KEY,
            name: run,
            load: { kind: 'closed', connections: CONNECTIONS, maxDurationMs: durationMs },
          } satisfies LoadJob);
        const runs = { warm: await ask('warm', maxDurationMs / 3), run: await ask('run', maxDurationMs) };
        await server.kill();
        const stored = storedPurchases(dataDir, name.startsWith('ours') ? 'system' : 'reference');
        for (const [run, result] of Object.entries(runs)) {
          const missing = countMissing(run, result, stored);
          if (missing > 0) voidBecause.push(`${name}: ${missing} acknowledged purchases are missing`);
        }
        context.workspace.removeFolder(dataDir);
        const rate = acknowledgedPerSecond(runs.run);
        tally.add('rate', name, rate);
        if (name === 'ours, whole system' || name === GROUPED) tally.add('whole', name, rate);
        tally.add('p50', name, runs.run.latency.p50Ms);
        tally.add('p99', name, runs.run.latency.p99Ms);
        context.progress(
          `intake, round ${round} of ${rounds}, ${name}: ${whole(rate)}/s, p99 ${milliseconds(runs.run.latency.p99Ms)}`,
        );
      }
    }
  });
  return {
    id: 'intake',
    columns: names,
    measures: tally.measures,
    sizes: { connections: CONNECTIONS, seconds: maxDurationMs / 1_000 },
    voidBecause,
  };
}

async function startServer(
  name: ServerName,
  dataDir: string,
  { workspace, profileFolder }: Context,
): Promise<{ readonly port: number; kill(): Promise<void> }> {
  const module = servers[name];
  if (module === undefined) {
    // Telegram's queue stands still, so that nothing runs but intake and the recording of requests.
    const system = await MeasuredSystem.start(
      { dataDir, environment: { TASKS_MAX_DISPATCHES_PER_SECOND: '0.01' }, profileFolder },
      workspace,
    );
    // A profile is written at an orderly end only.
    return { port: system.port, kill: () => system.stop(profileFolder === undefined ? 'SIGKILL' : 'SIGTERM') };
  }
  const child = workspace.track(new Child(new URL(module, import.meta.url).href));
  const job: ReferenceJob & IntakeOnlyJob = { dataDir, apiKey: API_KEY, grouped: name !== 'node:http, one fsync each' };
  return { port: await child.ask<number>(job), kill: () => workspace.stop(child, 'SIGKILL') };
}
