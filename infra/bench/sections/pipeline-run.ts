import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadJob, LoadResult } from '../load/job.ts';
import { Child } from '../processes/child.ts';
import { untilIdle, withCpuTime } from '../processes/cpu-time.ts';
import { API_KEY, MeasuredSystem } from '../processes/measured-system.ts';
import type { ReferenceJob } from '../processes/reference-server.ts';
import { residentMiB } from '../processes/resident-memory.ts';
import type {
  SimulatedSize,
  SimulatorAddress,
  SimulatorCounts,
  SimulatorQuestion,
} from '../processes/simulators-process.ts';
import { countMissing, finishedPurchases, type Finished } from '../store-audit.ts';
import type { Context } from './context.ts';
import { fillCommunities } from './fill-communities.ts';
import type { RunningServer } from './intake-servers.ts';

/** Link calls under way at once; more does not help, and less leaves the simulator waiting. */
export const CONCURRENCY = 100;
const POLL_MS = 25;
const RECORD_MS = 200;
/** Without any progress for so long the run has failed. */
const STALL_MS = 15_000;

export interface PipelineRun {
  readonly load: LoadResult;
  /** By transactionId. */
  readonly finished: ReadonlyMap<string, Finished>;
  /** From the first request to the last event. */
  readonly elapsedMs: number;
  /** Processor time of the server for each purchase, without the simulators. */
  readonly cpuUsEach: number | undefined;
  /** Of the server, after the last event. */
  readonly residentMiB: number;
  readonly voidBecause: readonly string[];
}

export interface PipelineOptions {
  readonly kind: 'system' | 'reference';
  readonly logLevel: 'warn' | 'info';
  /** More variables of the system. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The communities that the purchases name, and the bots of each; absent: `default` with its bot. */
  readonly size?: SimulatedSize;
  readonly load: LoadJob['load'];
}

export const RUN_NAME = 'run';

export function perSecond(run: PipelineRun): number {
  return (run.finished.size * 1_000) / run.elapsedMs;
}

/** Sends purchases through everything, from the first request to the last event that the simulated WebEngage took. */
export function runPipeline(options: PipelineOptions, context: Context): Promise<PipelineRun> {
  const { workspace } = context;
  return workspace.using(new Child('./simulators-process.ts'), (simulators) =>
    workspace.using(new Child('../load/generator-process.ts'), async (generator) => {
      const { size } = options;
      const question: SimulatorQuestion = size === undefined ? 'start' : { start: size };
      const address = await simulators.ask<SimulatorAddress>(question);
      const dataDir = workspace.folder();
      if (size !== undefined) await fillCommunities(dataDir, size, address);
      const server = await startServer(options, dataDir, address, context);
      // Where there are many communities and bots, a start looks at them for some seconds.
      if (size !== undefined) await untilIdle(server.pid);
      const { result, cpuUs } = await withCpuTime(server.pid, async () => {
        const load = await generator.ask<LoadResult>({
          port: server.port,
          apiKey: API_KEY,
          name: RUN_NAME,
          communities: size?.communities,
          load: options.load,
        } satisfies LoadJob);
        return { load, counts: await untilEventsArrived(simulators, load.sent - load.refused.length) };
      });
      const { load, counts } = result;
      // The last event is counted before its record is written. The system finishes what is under way; the reference
      // does not.
      await sleep(RECORD_MS);
      const memory = residentMiB(server.pid);
      await server.stop();
      const finished = finishedPurchases(dataDir, options.kind);
      workspace.removeFolder(dataDir);
      const lastEventAt = [...finished.values()].reduce((latest, { eventSentAt }) => Math.max(latest, eventSentAt), 0);
      return {
        load,
        finished,
        elapsedMs: lastEventAt - load.startedAtMs,
        cpuUsEach: cpuUs === undefined ? undefined : cpuUs / load.sent,
        residentMiB: memory,
        voidBecause: faults(options, load, finished, counts),
      };
    }),
  );
}

/** The measured system with everything as fast as it goes, or the reference. */
export async function startServer(
  { kind, logLevel, environment: more = {} }: Pick<PipelineOptions, 'kind' | 'logLevel' | 'environment'>,
  dataDir: string,
  address: SimulatorAddress,
  { workspace, profileFolder }: Context,
): Promise<RunningServer> {
  if (kind === 'reference') {
    const child = workspace.track(new Child('./reference-server.ts'));
    const job: ReferenceJob = { dataDir, pipeline: { simulators: address, concurrency: CONCURRENCY } };
    return { port: await child.ask<number>(job), pid: child.pid, stop: () => workspace.stop(child) };
  }
  const environment = {
    LOG_LEVEL: logLevel,
    TASKS_MAX_DISPATCHES_PER_SECOND: '10000',
    TASKS_MAX_CONCURRENT_DISPATCHES: String(CONCURRENCY),
    SAFE_RPS_SLEEP_MS: '0',
    ...settingsFor(address),
    // The simulated account has no limit: what is measured is the system.
    WEBENGAGE_EVENTS_PER_MINUTE: '1000000',
    ...more,
  };
  return MeasuredSystem.start({ dataDir, environment, profileFolder }, workspace);
}

/** Where a measured system finds the simulators. */
export function settingsFor(address: SimulatorAddress): Readonly<Record<string, string>> {
  return {
    TELEGRAM_API_ROOT: address.telegramRoot,
    TELEGRAM_BOT_TOKEN: address.botToken,
    TELEGRAM_BOT_TOKENS: address.furtherTokens.join(','),
    TELEGRAM_CHAT_ID: String(address.chatId),
    TELEGRAM_WEBHOOK_SECRET: 'webhook-secret-of-the-bench',
    WEBENGAGE_API_ROOT: address.webEngageRoot,
    WEBENGAGE_LICENSE_CODE: address.licenseCode,
    WEBENGAGE_API_KEY: address.webEngageKey,
  };
}

export async function untilEventsArrived(simulators: Child, wanted: number): Promise<SimulatorCounts> {
  const question: SimulatorQuestion = 'counts';
  let progressAt = Date.now();
  let last = -1;
  for (;;) {
    const counts = await simulators.ask<SimulatorCounts>(question);
    if (counts.events >= wanted || Date.now() - progressAt > STALL_MS) return counts;
    if (counts.events > last) progressAt = Date.now();
    last = counts.events;
    await sleep(POLL_MS);
  }
}

function faults(
  { kind }: PipelineOptions,
  load: LoadResult,
  finished: ReadonlyMap<string, Finished>,
  counts: SimulatorCounts,
): string[] {
  const acknowledged = load.sent - load.refused.length;
  const missing = countMissing(RUN_NAME, load, finished);
  return [
    ...(missing > 0 ? [`${kind}: ${missing} acknowledged purchases have no link or no event`] : []),
    ...(counts.links > acknowledged ? [`${kind}: ${counts.links} links for ${acknowledged} purchases`] : []),
    ...(counts.events > acknowledged ? [`${kind}: ${counts.events} events for ${acknowledged} purchases`] : []),
  ];
}
