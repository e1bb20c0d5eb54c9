import { whole } from '../../statistics.ts';
import { bySize, type Context } from '../context.ts';
import type { SectionResult } from '../results/result.ts';
import { Tally } from '../results/tally.ts';
import { sideNames } from '../sides.ts';
import { inTurns } from './in-turns.ts';

const CONCURRENCY = 200;

/** Everything once, and then once more when all of it is done already. */
export async function measureReplay(context: Context): Promise<SectionResult> {
  const messages = bySize(context.size, { quick: 300, default: 100_000, full: 100_000 });
  const replays = bySize(context.size, { quick: 1, default: 2, full: 5 });
  const tally = new Tally({
    first: { name: `first pass of ${whole(messages)}`, unit: '/s', better: 'more' },
    replay: { name: 'replay, all of them done', unit: '/s', better: 'more', goal: { kind: 'ahead' } },
    ratio: { name: 'replay against first pass', unit: '×', better: 'more' },
  });
  const voidBecause: string[] = [];
  await inTurns(
    { what: 'replay', rounds: 1, settings: { concurrency: CONCURRENCY, handler: 'links' } },
    context,
    async (rig, progress) => {
      await rig.ask({ kind: 'work' });
      const startedAt = Date.now();
      await rig.ask({ kind: 'fill', name: 'run', count: messages });
      const { lastAt } = await rig.ask<{ readonly lastAt: number }>({ kind: 'until-recorded', count: messages });
      await rig.ask({ kind: 'until-handled', count: messages });
      const first = (messages * 1_000) / (lastAt - startedAt);
      tally.add('first', rig.name, first);
      const calls = (await rig.askTelegram('counts')).calls;
      for (let round = 1; round <= replays; round += 1) {
        const { elapsedMs } = await rig.ask<{ readonly elapsedMs: number }>({
          kind: 'replay',
          name: 'run',
          count: messages,
        });
        const replay = (messages * 1_000) / elapsedMs;
        tally.add('replay', rig.name, replay);
        tally.add('ratio', rig.name, replay / first);
        progress(`first pass ${whole(first)}/s, replay ${whole(replay)}/s`);
      }
      const more = (await rig.askTelegram('counts')).calls - calls;
      if (more > 0) voidBecause.push(`${rig.name}: the replay made ${more} calls to Telegram`);
      voidBecause.push(...(await rig.auditAfterKill([{ name: 'run', count: messages }])));
    },
  );
  return {
    id: 'replay',
    columns: sideNames,
    measures: tally.measures,
    sizes: { messages, concurrency: CONCURRENCY },
    voidBecause,
  };
}
