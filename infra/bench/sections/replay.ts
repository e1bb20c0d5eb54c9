import { setTimeout as sleep } from 'node:timers/promises';
import { createdLinksForEventEmitter, purchasesForLinkWorker } from '@paid-community/shared/topology.ts';
import type { LoadJob, LoadResult } from '../load/job.ts';
import { Child } from '../processes/child.ts';
import { API_KEY, OPERATOR_KEY } from '../processes/measured-system.ts';
import type { SimulatorAddress, SimulatorCounts, SimulatorQuestion } from '../processes/simulators-process.ts';
import type { Section } from '../report.ts';
import { whole } from '../statistics.ts';
import type { Context } from './context.ts';
import { RUN_NAME, startServer, untilEventsArrived } from './pipeline-run.ts';

const GOAL = 3;
const POLL_MS = 20;
const SUBSCRIPTIONS = [purchasesForLinkWorker.name, createdLinksForEventEmitter.name];

/** How fast a day that is done is replayed, beside the pass in which it was done. */
export async function measureReplay(context: Context): Promise<Section> {
  const { workspace } = context;
  const purchases = context.quick ? 500 : 10_000;
  return workspace.using(new Child('./simulators-process.ts'), (simulators) =>
    workspace.using(new Child('../load/generator-process.ts'), async (generator) => {
      const ask = (question: SimulatorQuestion): Promise<SimulatorCounts> => simulators.ask<SimulatorCounts>(question);
      const address = await simulators.ask<SimulatorAddress>('start' satisfies SimulatorQuestion);
      const dataDir = workspace.folder();
      const server = await startServer({ kind: 'system', logLevel: 'warn' }, dataDir, address, context);
      const url = `http://127.0.0.1:${server.port}`;
      const load = { kind: 'closed', connections: 64, maxRequests: purchases, maxDurationMs: 120_000 } as const;
      const result = await generator.ask<LoadResult>({
        port: server.port,
        apiKey: API_KEY,
        name: RUN_NAME,
        load,
      } satisfies LoadJob);
      const sent = result.sent - result.refused.length;
      await untilEventsArrived(simulators, sent);
      const firstMs = Date.now() - result.startedAtMs;
      await untilDelivered(url);
      const before = await ask('counts');

      const startedAt = performance.now();
      const since = new Date(result.startedAtMs - 1_000).toISOString();
      await Promise.all(SUBSCRIPTIONS.map((subscription) => replay(url, subscription, since)));
      await untilDelivered(url);
      const replayMs = performance.now() - startedAt;
      const after = await ask('counts');
      await server.stop();
      workspace.removeFolder(dataDir);

      const times = firstMs / replayMs;
      const perSecond = (ms: number): string => `${whole((sent / ms) * 1_000)}/s`;
      context.progress(`replay: ${perSecond(replayMs)} beside ${perSecond(firstMs)} in the first pass`);
      return {
        title: `Replay of ${whole(sent)} purchases and their links, everything already done`,
        rows: [
          {
            measure: 'purchases replayed',
            goal: `≥ ${GOAL} × first pass`,
            figure: `${perSecond(replayMs)} = ${times.toFixed(1)} ×`,
            reference: perSecond(firstMs),
            met: times >= GOAL,
            values: { replayMs, firstMs, times },
          },
        ],
        notes: [
          'Reference: from the first request to the last event that the simulated WebEngage took, Telegram unlimited. A replay delivers each purchase and each link event once more.',
        ],
        voidBecause:
          JSON.stringify(after) === JSON.stringify(before)
            ? []
            : [`the replay called out: ${JSON.stringify(before)} became ${JSON.stringify(after)}`],
      };
    }),
  );
}

async function replay(url: string, subscription: string, since: string): Promise<void> {
  const headers = { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/ops/replay`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ subscription, since }),
  });
  if (answer.status !== 200) throw new Error(`The replay was refused: ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** Until nothing waits, as /metrics says. */
async function untilDelivered(url: string): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const backlogs = [...text.matchAll(/^paid_community_subscription_backlog\S*\{[^}]*\} (\d+)/gm)].map((line) =>
      Number(line[1]),
    );
    if (backlogs.length === 0) throw new Error('/metrics says nothing of backlogs');
    if (backlogs.every((backlog) => backlog === 0)) return;
    await sleep(POLL_MS);
  }
}
