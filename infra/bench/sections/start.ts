import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { MeasuredSystem } from '../processes/measured-system.ts';
import { stopProcess } from '../processes/child.ts';
import type { Section } from '../report.ts';
import { median, spread } from '../statistics.ts';
import type { Context } from './context.ts';

const GOAL_MS = 1_000;
const BARE_SERVER = `require('node:http').createServer((request, response) => response.end()).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`;

/** From the start of the process to the first 200 of /readyz, each time on an empty folder. */
export async function measureStart(context: Context): Promise<Section> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 1; round <= (context.quick ? 2 : 7); round += 1) {
    bare.push(await bareStart(context));
    const dataDir = context.workspace.folder();
    const system = await MeasuredSystem.start({ dataDir, profileFolder: undefined }, context.workspace);
    await system.stop();
    ours.push(system.readyAfterMs);
  }
  context.progress(`start: ${spread(ours, ' ms')}`);
  return {
    title: 'Start, process to the first 200 of /readyz',
    rows: [
      {
        measure: `whole system with its simulators, ${ours.length} starts`,
        goal: `< ${GOAL_MS / 1_000} s`,
        figure: spread(ours, ' ms'),
        reference: spread(bare, ' ms'),
        met: median(ours) < GOAL_MS,
        values: { milliseconds: ours, referenceMilliseconds: bare },
      },
    ],
    notes: ['Reference: `node -e` with an http server that answers its first request.'],
    voidBecause: [],
  };
}

async function bareStart({ workspace }: Context): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['-e', BARE_SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stoppable = workspace.track({ stop: (signal: NodeJS.Signals = 'SIGTERM') => stopProcess(child, signal) });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  await (await fetch(`http://127.0.0.1:${port.toString().trim()}/`)).arrayBuffer();
  const elapsedMs = performance.now() - startedAt;
  await workspace.stop(stoppable);
  return elapsedMs;
}
