import { Child } from '../processes/child.ts';
import { residentMiB } from '../processes/resident-memory.ts';
import type { SimulatedSize, SimulatorAddress, SimulatorQuestion } from '../processes/simulators-process.ts';
import type { Section } from '../report.ts';
import { describeCost, median, spread, whole } from '../statistics.ts';
import type { Context } from './context.ts';
import { fillCommunities } from './fill-communities.ts';
import { runPipeline, startServer, type PipelineRun } from './pipeline-run.ts';
import { MeasuredSystem } from '../processes/measured-system.ts';

const GOAL_START_MS = 3_000;
const GOAL_MIB = 250;
const GOAL_MORE = 0.05;
const ONE: SimulatedSize = { communities: 1, bots: 1 };

/** What a thousand communities cost, each served by a hundred bots, beside one with its bot. */
export async function measureCommunities(context: Context): Promise<Section> {
  const many: SimulatedSize = context.quick ? { communities: 50, bots: 10 } : { communities: 1_000, bots: 100 };
  const started = await measureStarts(many, context);
  const purchases = context.quick ? 300 : 10_000;
  const load = { kind: 'closed', connections: 64, maxRequests: purchases, maxDurationMs: 120_000 } as const;
  const runs: Record<'one' | 'many', PipelineRun[]> = { one: [], many: [] };
  for (let round = 1; round <= (context.quick ? 1 : 5); round += 1) {
    for (const [name, size] of [
      ['one', ONE],
      ['many', many],
    ] as const) {
      const run = await runPipeline({ kind: 'system', logLevel: 'warn', size, load }, context);
      context.progress(`communities: ${name}, round ${round}: ${describeCost([run.cpuUsEach])}`);
      runs[name].push(run);
    }
  }
  const costOf = (those: readonly PipelineRun[]): number[] => those.map(({ cpuUsEach }) => cpuUsEach ?? NaN);
  const more = median(costOf(runs.many)) / median(costOf(runs.one)) - 1;
  const memory = runs.many.map((run) => run.residentMiB);
  const size = `${whole(many.communities)} communities × ${many.bots} bots`;
  return {
    title: 'Communities and bots',
    rows: [
      {
        measure: `start with ${size}, to the first 200 of /readyz`,
        goal: `< ${GOAL_START_MS / 1_000} s`,
        figure: spread(started.many.milliseconds, ' ms'),
        reference: `${spread(started.one.milliseconds, ' ms')} with one`,
        met: median(started.many.milliseconds) < GOAL_START_MS,
        values: { milliseconds: started.many.milliseconds, referenceMilliseconds: started.one.milliseconds },
      },
      {
        measure: `memory after the start with ${size}`,
        goal: `< ${GOAL_MIB} MiB`,
        figure: spread(started.many.mebibytes, ' MiB'),
        reference: `${spread(started.one.mebibytes, ' MiB')} with one`,
        met: median(started.many.mebibytes) < GOAL_MIB,
        values: { mebibytes: started.many.mebibytes, referenceMebibytes: started.one.mebibytes },
      },
      {
        measure: `memory after ${whole(purchases)} purchases in all of them`,
        goal: '',
        figure: spread(memory, ' MiB'),
        reference: `${spread(
          runs.one.map((run) => run.residentMiB),
          ' MiB',
        )} in one`,
        values: { mebibytes: memory, referenceMebibytes: runs.one.map((run) => run.residentMiB) },
      },
      {
        measure: `cost of a purchase, ${whole(purchases)} in turn in all of them`,
        goal: `≤ ${GOAL_MORE * 100} % more than in one`,
        figure: `${describeCost(costOf(runs.many))} = ${(more * 100).toFixed(1)} % more`,
        reference: describeCost(costOf(runs.one)),
        met: more <= GOAL_MORE,
        values: { more, microseconds: costOf(runs.many), referenceMicroseconds: costOf(runs.one) },
      },
    ],
    notes: ['Each community has every bot. The cost is processor time of the system, from the request to the event.'],
    voidBecause: [...runs.one, ...runs.many].flatMap((run) => run.voidBecause),
  };
}

interface Started {
  readonly milliseconds: number[];
  readonly mebibytes: number[];
}

async function measureStarts(many: SimulatedSize, context: Context): Promise<Record<'one' | 'many', Started>> {
  const started = { one: { milliseconds: [], mebibytes: [] }, many: { milliseconds: [], mebibytes: [] } } as Record<
    'one' | 'many',
    Started
  >;
  for (const [name, size] of [
    ['one', ONE],
    ['many', many],
  ] as const) {
    await context.workspace.using(new Child('./simulators-process.ts'), async (simulators) => {
      const question: SimulatorQuestion = { start: size };
      const address = await simulators.ask<SimulatorAddress>(question);
      const dataDir = context.workspace.folder();
      await fillCommunities(dataDir, size, address);
      for (let round = 1; round <= (context.quick ? 1 : 5); round += 1) {
        const system = await startServer({ kind: 'system', logLevel: 'warn' }, dataDir, address, context);
        started[name].mebibytes.push(residentMiB(system.pid));
        if (system instanceof MeasuredSystem) started[name].milliseconds.push(system.readyAfterMs);
        await system.stop();
      }
      context.workspace.removeFolder(dataDir);
    });
  }
  context.progress(`communities: started in ${spread(started.many.milliseconds, ' ms')}`);
  return started;
}
