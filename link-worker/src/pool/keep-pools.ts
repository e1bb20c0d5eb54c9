import { randomUUID } from 'node:crypto';
import { closed, linkPools, opened, type LinkPool } from '@paid-community/shared/model/links/link-pool.ts';
import { poolLinks, poolShards } from '@paid-community/shared/model/links/pool-link.ts';
import { shareOfShard } from '@paid-community/shared/model/links/pool-size.ts';
import { FillPool, RevokePoolLink } from '@paid-community/shared/model/links/pool-tasks.ts';
import { poolQueue } from '@paid-community/shared/model/queues.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { allDocuments } from '@paid-community/shared/platform/ports/all-documents.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { traceparentFrom } from '@paid-community/shared/platform/trace/traceparent.ts';
import { isTimeToReplace, retireLinks } from './retire-links.ts';
import { countAvailable, lastSequence } from './stored-links.ts';
import type { WantedPool, WantedPools } from './wanted-pools.ts';

const PAGE = 500;
/** A shard that lacks links, and has lost its task, gets another one after so long at most. */
const ROUND_MS = 600_000;
/** Revocations that are due before the next tick are queued by this one, each for its own time. */
const LOOK_AHEAD_MS = 90_000;

export interface KeepPoolsDeps {
  readonly wantedPools: WantedPools;
  readonly store: DocumentStore;
  readonly taskQueue: TaskQueue;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Has every pool filled up to its size, retires what is too much or too old, and queues what is due to be revoked. Two
 * ticks at once, or a tick that comes twice, ask for the same tasks.
 * @throws RetryableError when store or queue do not answer; the next tick goes on.
 */
export async function keepPools(deps: KeepPoolsDeps): Promise<void> {
  const wanted = await deps.wantedPools.all();
  for (const pool of await openPools(wanted, deps)) await keepPool(pool, wanted.get(pool.communityId), deps);
  for (const shard of poolShards) await queueRevocations(shard, deps);
}

/** Those that are to have links, and those that still have some. */
async function openPools(
  wanted: ReadonlyMap<string, WantedPool>,
  { store, clock }: KeepPoolsDeps,
): Promise<readonly LinkPool[]> {
  const orderBy = { field: 'communityId', direction: 'ascending' } as const;
  const stored = await allDocuments({ collection: linkPools, where: { state: 'open' }, orderBy }, store);
  const open = stored.map(({ data }) => data);
  const known = new Set(open.map(({ communityId }) => communityId));
  for (const communityId of wanted.keys()) {
    if (known.has(communityId)) continue;
    const first = { communityId, poolId: randomUUID(), openedAt: new Date(clock.now()).toISOString() };
    const pool = await changeDocument(store, linkPools, communityId, (stored) =>
      stored?.state === 'open' ? undefined : opened(stored, first),
    );
    if (pool !== undefined) open.push(pool);
  }
  return open;
}

async function keepPool(pool: LinkPool, wanted: WantedPool | undefined, deps: KeepPoolsDeps): Promise<void> {
  const { store, clock } = deps;
  const { communityId } = pool;
  const available = await countAvailable({ communityId }, store);
  if (wanted === undefined && available === 0) {
    await changeDocument(store, linkPools, communityId, (known) => (known === undefined ? undefined : closed(known)));
    return;
  }
  if (available === wanted?.size && !isTimeToReplace(clock.now())) return;
  for (const shard of poolShards) {
    const share = shareOfShard(wanted?.size ?? 0, shard);
    const left = await retireLinks({ communityId, shard, share, times: wanted?.times }, deps);
    if (left < share) await startFilling(pool, shard, deps);
  }
}

/** The shard has one task at a time, which makes a link and queues the next one. */
async function startFilling({ communityId, poolId }: LinkPool, shard: number, deps: KeepPoolsDeps): Promise<void> {
  const sequence = (await lastSequence(communityId, shard, deps.store)) + 1;
  const task = FillPool.toQueueTask({
    communityId,
    poolId,
    shard,
    sequence,
    round: Math.floor(deps.clock.now() / ROUND_MS),
    attemptNumber: 1,
    deferrals: 0,
    traceparent: traceparentFrom(undefined),
  });
  await deps.taskQueue.enqueue(poolQueue, task);
}

async function queueRevocations(shard: number, { store, taskQueue, clock }: KeepPoolsDeps): Promise<void> {
  const { documents } = await store.query({
    collection: poolLinks,
    where: { shard },
    orderBy: {
      field: 'revokeAt',
      direction: 'ascending',
      before: new Date(clock.now() + LOOK_AHEAD_MS).toISOString(),
    },
    limit: PAGE,
  });
  for (const { id, data } of documents) {
    if (data.state === 'AVAILABLE' || data.revokeAt === undefined) continue;
    const { revokeAt } = data;
    const task = { poolLinkId: id, revokeAt, deferrals: 0, traceparent: traceparentFrom(undefined) };
    await taskQueue.enqueue(poolQueue, RevokePoolLink.toQueueTask(task, new Date(revokeAt)));
  }
}
