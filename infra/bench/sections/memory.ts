import { setTimeout as sleep } from 'node:timers/promises';
import { requestIdOf } from '@paid-community/shared/model/purchases/request-id.ts';
import type { LoadJob, LoadResult } from '../load/job.ts';
import { purchaseIds } from '../load/purchases.ts';
import { Child } from '../processes/child.ts';
import { residentMiB } from '../processes/resident-memory.ts';
import { API_KEY, MeasuredSystem } from '../processes/measured-system.ts';
import type { Section } from '../report.ts';
import { whole } from '../statistics.ts';
import { countMissing, storedPurchases } from '../store-audit.ts';
import type { Context } from './context.ts';

const GOAL_MIB = 250;
const SETTLE_MS = 2_000;
const RECORDED_WITHIN_MS = 120_000;

/**
 * What a backlog costs in memory: the process with many purchases queued for Telegram, beside the same process idle.
 */
export function measureMemory(context: Context): Promise<Section> {
  const { workspace, profileFolder } = context;
  const purchases = context.quick ? 2_000 : 100_000;
  return workspace.using(new Child('../load/generator-process.ts'), async (generator) => {
    const dataDir = workspace.folder();
    const environment = { TASKS_MAX_DISPATCHES_PER_SECOND: '0.01' };
    const system = await MeasuredSystem.start({ dataDir, environment, profileFolder }, workspace);
    await sleep(SETTLE_MS);
    const idleMiB = residentMiB(system.pid);
    const load = { kind: 'closed', connections: 64, maxRequests: purchases, maxDurationMs: 120_000 } as const;
    const result = await generator.ask<LoadResult>({
      port: system.port,
      apiKey: API_KEY,
      name: 'run',
      load,
    } satisfies LoadJob);
    context.progress(`memory: ${whole(result.sent)} purchases sent, waiting until they are queued`);
    const busyMiB = residentMiB(system.pid);
    await untilRecorded(system, result.sent - 1);
    await sleep(SETTLE_MS);
    const queuedMiB = residentMiB(system.pid);
    await system.stop();
    const missing = countMissing('run', result, storedPurchases(dataDir, 'system'));
    workspace.removeFolder(dataDir);
    return {
      title: 'Memory of the whole system, resident',
      rows: [
        {
          measure: `${whole(result.sent)} purchases queued`,
          goal: `< ${GOAL_MIB} MiB`,
          figure: `${whole(queuedMiB)} MiB (${whole(busyMiB)} as they came in)`,
          reference: `${whole(idleMiB)} MiB idle`,
          met: queuedMiB < GOAL_MIB,
          values: { queuedMiB, busyMiB, idleMiB },
        },
      ],
      notes: [],
      voidBecause: missing > 0 ? [`${missing} acknowledged purchases are missing`] : [],
    };
  });
}

/** Requests are recorded about in the order in which they came, so the last one tells. */
async function untilRecorded(system: MeasuredSystem, lastIndex: number): Promise<void> {
  const url = `${system.url}/v1/invite/requests/${requestIdOf({ ...purchaseIds('run', lastIndex), idempotencyKey: undefined })}`;
  const deadline = Date.now() + RECORDED_WITHIN_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(url, { headers: { 'X-Api-Key': API_KEY } });
    await answer.arrayBuffer();
    if (answer.status === 200) return;
    await sleep(100);
  }
  throw new Error('The purchases were not recorded in time');
}
