import { Child } from '../processes/child.ts';
import type { BacklogJob, BacklogResult } from '../processes/backlog-process.ts';
import type { Row, Section } from '../report.ts';
import { median, spread, whole } from '../statistics.ts';
import type { Context } from './context.ts';

const GOAL_SHARE = 0.5;

/** Whether deliveries slow down when a million messages wait in the same subscription. */
export async function measureBacklog(context: Context): Promise<Section> {
  const backlog = context.quick ? 20_000 : 1_000_000;
  const few = context.quick ? 2_000 : 20_000;
  const maxDurationMs = context.quick ? 300 : 1_500;
  const full = context.workspace.folder();
  const fillRate = await ask({ kind: 'fill', dataDir: full, messages: backlog }, context);
  context.progress(`backlog: ${whole(backlog)} messages published, ${whole(fillRate)}/s`);

  const rows: Row[] = [];
  for (const maxConcurrency of [1, 200]) {
    const withoutBacklog: number[] = [];
    const withBacklog: number[] = [];
    for (let round = 0; round < (context.quick ? 1 : 3); round += 1) {
      const empty = context.workspace.folder();
      await ask({ kind: 'fill', dataDir: empty, messages: few }, context);
      withoutBacklog.push(
        await ask({ kind: 'deliver', dataDir: empty, maxConcurrency, maxMessages: few, maxDurationMs }, context),
      );
      withBacklog.push(
        await ask({ kind: 'deliver', dataDir: full, maxConcurrency, maxMessages: few, maxDurationMs }, context),
      );
      context.workspace.removeFolder(empty);
    }
    const share = median(withBacklog) / median(withoutBacklog);
    context.progress(
      `backlog: ${maxConcurrency} at once: ${spread(withBacklog, '/s')} beside ${spread(withoutBacklog, '/s')}`,
    );
    rows.push({
      measure: maxConcurrency === 1 ? 'one delivery after the other' : `${maxConcurrency} deliveries at once`,
      goal: `≥ ${GOAL_SHARE} × without backlog`,
      figure: `${spread(withBacklog, '/s')} = ${share.toFixed(2)} ×`,
      reference: spread(withoutBacklog, '/s'),
      met: share >= GOAL_SHARE,
      values: { perSecond: withBacklog, referencePerSecond: withoutBacklog, share },
    });
  }
  context.workspace.removeFolder(full);
  return {
    title: `Deliveries with ${whole(backlog)} messages waiting (disk: ${whole(context.fsyncsPerSecond)} fsync/s)`,
    rows,
    notes: [
      `Reference: the same with ${whole(few)} waiting. Handlers do nothing; every acknowledgement is durable. Publishing the backlog ran at ${whole(fillRate)}/s.`,
    ],
    voidBecause: [],
  };
}

/** Each answer comes from a process of its own: the store belongs to one at a time. */
function ask(job: BacklogJob, { workspace }: Context): Promise<BacklogResult> {
  return workspace.using(new Child('./backlog-process.ts'), (child) => child.ask<BacklogResult>(job));
}
