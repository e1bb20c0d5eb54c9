import { setTimeout as sleep } from 'node:timers/promises';
import { milliseconds, whole } from '../../statistics.ts';
import { bySize, type Context } from '../context.ts';
import type { SectionResult } from '../results/result.ts';
import { Tally } from '../results/tally.ts';
import { folderBytes, memoryMiB } from '../footprint.ts';
import { MARK_EVERY } from '../side/counter.ts';
import type { Progress } from '../side/question.ts';
import { sideNames } from '../sides.ts';
import { inTurns } from './in-turns.ts';

const CONCURRENCY = 100;
/** For what a side tidies up in the background. */
const REST_MS = 1_000;

/**
 * What a long queue costs: memory, disk, the first dispatch after a restart, and the rate from its first job to its
 * last.
 */
export async function measureQueued(context: Context): Promise<SectionResult> {
  const jobs = bySize(context.size, { quick: 2_000, default: 1_000_000, full: 1_000_000 });
  const tenth = jobs / 10;
  const tally = new Tally({
    fill: { name: `queueing ${whole(jobs)}, a thousand at a time`, unit: '/s', better: 'more' },
    disk: { name: 'disk for each job', unit: 'bytes', better: 'less', goal: { kind: 'ahead' } },
    restart: {
      name: 'restart of process and server, to the first dispatch',
      unit: 'ms',
      better: 'less',
      goal: { kind: 'ahead' },
    },
    process: { name: 'of that, the process alone', unit: 'ms', better: 'less' },
    memory: {
      name: 'memory of process and server with nine tenths queued',
      unit: 'MiB',
      better: 'less',
      goal: { kind: 'ahead' },
    },
    beginning: { name: 'deliveries, the first tenth', unit: '/s', better: 'more', goal: { kind: 'ahead' } },
    end: { name: 'deliveries, the last tenth', unit: '/s', better: 'more', goal: { kind: 'ahead' } },
    ratio: { name: 'end against beginning', unit: '×', better: 'more' },
  });
  const rounds = bySize(context.size, { quick: 1, default: 1, full: 1 });
  await inTurns(
    { what: 'queued', rounds, settings: { concurrency: CONCURRENCY, handler: 'nothing' } },
    context,
    async (rig, progress) => {
      const bytesBefore = folderBytes(rig.dataFolder);
      const fillRate = (jobs * 1_000) / (await rig.ask<number>({ kind: 'fill', name: 'run', count: jobs }));
      tally.add('fill', rig.name, fillRate);
      await sleep(REST_MS);
      tally.add('disk', rig.name, (folderBytes(rig.dataFolder) - bytesBefore) / jobs);
      progress(`queued ${whole(jobs)} at ${whole(fillRate)}/s`);

      await rig.end('SIGKILL');
      const restartedAt = Date.now();
      await rig.server?.restart();
      const serverReadyAt = Date.now();
      await rig.reopen();
      await rig.ask({ kind: 'work' });
      await rig.ask<Progress>({ kind: 'until-handled', count: tenth });
      tally.add('memory', rig.name, memoryMiB([rig.pid, rig.server?.pid]));
      const { firstAt, marks } = await rig.ask<Progress>({ kind: 'until-handled', count: jobs });
      const at = (count: number): number => marks[count / MARK_EVERY - 1] ?? Number.NaN;
      const beginning = (tenth * 1_000) / (at(tenth) - firstAt);
      const end = (tenth * 1_000) / (at(jobs) - at(jobs - tenth));
      tally.add('restart', rig.name, firstAt - restartedAt);
      tally.add('process', rig.name, firstAt - serverReadyAt);
      tally.add('beginning', rig.name, beginning);
      tally.add('end', rig.name, end);
      tally.add('ratio', rig.name, end / beginning);
      progress(
        `first dispatch after ${milliseconds(firstAt - restartedAt)}, ${whole(beginning)}/s at the beginning, ${whole(end)}/s at the end`,
      );
    },
  );
  // Each of them was delivered, or the wait for the last one would have failed.
  return {
    id: 'queued',
    columns: sideNames,
    measures: tally.measures,
    sizes: { jobs, concurrency: CONCURRENCY },
    voidBecause: [],
  };
}
