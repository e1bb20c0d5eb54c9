import { Child } from '../../processes/child.ts';
import { acknowledgedPerSecond, type LoadJob, type LoadResult } from '../../load/job.ts';
import { updateKind } from '../../load/updates.ts';
import { milliseconds, whole } from '../../statistics.ts';
import { bySize, type Context } from '../context.ts';
import type { WebhookJob } from '../http/join-tracker-server.ts';
import type { SectionResult } from '../results/result.ts';
import { Tally } from '../results/tally.ts';

const CONNECTIONS = 40;
const SECRET = 'bench-webhook-secret';
const OURS = 'ours, join-tracker';
const BARE = 'node:http, parses only';
const KOA = 'Koa, parses only';
const columns = [OURS, BARE, KOA] as const;
type Column = (typeof columns)[number];

const servers: Readonly<Record<Column, string>> = {
  [OURS]: '../http/join-tracker-server.ts',
  [BARE]: '../http/bare-webhook-server.ts',
  [KOA]: '../http/koa-webhook-server.ts',
};

/** Telegram's updates, most of them of no interest: how fast they are let go. */
export async function measureWebhook(context: Context): Promise<SectionResult> {
  const updates = updatesOf(context);
  const joinNumbers = joinsAmong(updates);
  const tally = new Tally({
    rate: {
      name: `updates answered, ${CONNECTIONS} connections`,
      unit: '/s',
      better: 'more',
      goal: { kind: 'share', column: OURS, of: BARE, atLeast: 0.5 },
    },
    p50: { name: 'answer, p50', unit: 'ms', better: 'less' },
    p99: { name: 'answer, p99', unit: 'ms', better: 'less' },
  });
  const voidBecause: string[] = [];
  const rounds = bySize(context.size, { quick: 1, default: 3, full: 5 });
  await context.workspace.using(new Child('../load/generator-process.ts'), async (generator) => {
    for (let round = 1; round <= rounds; round += 1) {
      for (const column of round % 2 === 1 ? columns : columns.toReversed()) {
        const dataDir = context.workspace.folder();
        const job: WebhookJob = { kind: 'serve', dataDir, secret: SECRET, joins: joinNumbers };
        const result = await answerUpdates(column, job, updates, generator, context);
        if (result.refused.length > 0)
          voidBecause.push(`${column}: ${result.refused.length} updates were not answered as they should be`);
        if (column === OURS) voidBecause.push(...(await missingJoins(job, result, context)));
        context.workspace.removeFolder(dataDir);
        tally.add('rate', column, acknowledgedPerSecond(result));
        tally.add('p50', column, result.latency.p50Ms);
        tally.add('p99', column, result.latency.p99Ms);
        context.progress(
          `webhook, round ${round} of ${rounds}, ${column}: ${whole(acknowledgedPerSecond(result))}/s, p99 ${milliseconds(result.latency.p99Ms)}`,
        );
      }
    }
  });
  return {
    id: 'webhook',
    columns,
    measures: tally.measures,
    sizes: { updates, joins: joinNumbers.length, connections: CONNECTIONS },
    voidBecause,
  };
}

/** What our side does under the same load, once, with a CPU profile in `profileFolder`. */
export async function profileJoinTracker(context: Context, profileFolder: string): Promise<void> {
  const dataDir = context.workspace.folder();
  const updates = updatesOf(context);
  const job: WebhookJob = { kind: 'serve', dataDir, secret: SECRET, joins: joinsAmong(updates) };
  await context.workspace.using(new Child('../load/generator-process.ts'), (generator) =>
    answerUpdates(OURS, job, updates, generator, { ...context, profileFolder }),
  );
  context.workspace.removeFolder(dataDir);
}

/** Starts the server of the column, has all updates answered, and ends it. */
async function answerUpdates(
  column: Column,
  job: WebhookJob,
  updates: number,
  generator: Child,
  context: Context,
): Promise<LoadResult> {
  return context.workspace.using(
    new Child(new URL(servers[column], import.meta.url).href, profileFlags(column, context)),
    async (server) => {
      const port = await server.ask<number>(job);
      const load = { kind: 'closed', connections: CONNECTIONS, maxRequests: updates, maxDurationMs: 60_000 } as const;
      const answered = await generator.ask<LoadResult>({
        port,
        apiKey: SECRET,
        traffic: 'updates',
        name: 'run',
        load,
      } satisfies LoadJob);
      // A profile is written at an orderly end only.
      if (context.profileFolder === undefined) await server.stop('SIGKILL');
      return answered;
    },
  );
}

function updatesOf({ size }: Context): number {
  return bySize(size, { quick: 2_000, default: 40_000, full: 200_000 });
}

function joinsAmong(updates: number): readonly number[] {
  return Array.from({ length: updates }, (_, index) => index).filter((index) => updateKind(index) === 'join');
}

async function missingJoins(job: WebhookJob, { sent }: LoadResult, { workspace }: Context): Promise<string[]> {
  const expected = job.joins.filter((number) => number < sent);
  const found = await workspace.using(new Child(new URL(servers[OURS], import.meta.url).href), (child) =>
    child.ask<number>({ ...job, kind: 'count-joins', joins: expected } satisfies WebhookJob),
  );
  return found === expected.length ? [] : [`${OURS}: ${expected.length - found} acknowledged joins are missing`];
}

function profileFlags(column: Column, { profileFolder }: Context): readonly string[] {
  return profileFolder === undefined || column !== OURS ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
}
