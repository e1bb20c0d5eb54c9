import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import { linkPools } from '@paid-community/shared/model/links/link-pool.ts';
import { farEnd, madeAvailable, retiredOutsidePool } from '@paid-community/shared/model/links/pool-life.ts';
import { poolLinkId, poolLinks, retiringLinkId } from '@paid-community/shared/model/links/pool-link.ts';
import { shareOfShard } from '@paid-community/shared/model/links/pool-size.ts';
import { FillPool, type FillPoolTask } from '@paid-community/shared/model/links/pool-tasks.ts';
import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { CallLine } from '../calls/make-call.ts';
import { makeLinkCall, type LinkCallDeps } from '../links/link-calls.ts';
import type { NewLink } from '../links/invite-link-client.ts';
import { countAvailable, lastSequence } from './stored-links.ts';
import type { WantedPool, WantedPools } from './wanted-pools.ts';

interface MadeByBot extends NewLink {
  readonly botId: string;
}

export interface FillPoolDeps extends LinkCallDeps {
  readonly wantedPools: WantedPools;
  readonly retentionDays: number;
}

/**
 * Makes one link ahead of its purchase, and returns the task that follows; undefined when none does. A link is recorded
 * before it can be given. A shard never has more than its share: a link has the number after the last one that is
 * recorded, and the link of a number is recorded once.
 *
 * A crash after Telegram answered and before the record leaves an orphan, which reaches nobody. Where the shard waits
 * for a link that no task is left for, the next tick queues one.
 * @throws RetryableError when the store does not answer; PermanentError when the community is not connected.
 */
export async function fillPool(task: FillPoolTask, deps: FillPoolDeps): Promise<OutgoingTask | undefined> {
  const { communityId } = task;
  const wanted = await deps.wantedPools.of(communityId);
  const missing = wanted === undefined ? 0 : await missingLinks(task, wanted, deps.store);
  if (wanted === undefined || missing <= 0) return undefined;
  const { clock } = deps;
  const linkId = poolLinkId(task);
  const expiresAt = farEnd(wanted.times, clock.now());
  const outcome = await makeLinkCall<MadeByBot>(
    deps.callsOf({ communityId, callClass: 'fill' }),
    {
      method: 'createChatInviteLink',
      make: async ({ botId, telegram }) => ({
        botId,
        ...(await telegram.createInviteLink({ name: linkId, memberLimit: 1, expiresAt })),
      }),
      attempts: { made: task.attemptNumber - 1, failures: [], nextAt: undefined },
      line: lineOf(task, ({ inviteLink }) => ({ outcome: 'created', inviteLinkHash: inviteLinkId(inviteLink) })),
    },
    deps,
  );
  switch (outcome.kind) {
    case 'put_back':
      return FillPool.toQueueTask({ ...task, deferrals: task.deferrals + 1 }, outcome.notBefore);
    case 'retry_at': {
      const { made, nextAt = clock.now() } = outcome.attempts;
      return FillPool.toQueueTask({ ...task, attemptNumber: made + 1, deferrals: 0 }, new Date(nextAt));
    }
    case 'given_up':
      // It has an error line. A later round begins anew.
      return undefined;
    case 'done':
      break;
  }
  const isFirst = await record(task, outcome.result, expiresAt, deps);
  return isFirst && missing > 1
    ? FillPool.toQueueTask({ ...task, sequence: task.sequence + 1, attemptNumber: 1, deferrals: 0 })
    : undefined;
}

/** None when the task is late: another pool is open, or the link of this number is recorded. */
async function missingLinks(
  { communityId, poolId, shard, sequence }: FillPoolTask,
  { size }: WantedPool,
  store: DocumentStore,
): Promise<number> {
  const [pool, available, last] = await Promise.all([
    store.get(linkPools, communityId),
    countAvailable({ communityId, shard }, store),
    lastSequence(communityId, shard, store),
  ]);
  if (pool?.data.poolId !== poolId || pool.data.state !== 'open' || last !== sequence - 1) return 0;
  return shareOfShard(size, shard) - available;
}

/** False when another task has recorded its link of this number: then this one is to be revoked. */
async function record(
  { communityId, poolId, shard, sequence }: FillPoolTask,
  { inviteLink, chatId, botId }: MadeByBot,
  expiresAt: Date | undefined,
  { store, clock, retentionDays, log }: FillPoolDeps,
): Promise<boolean> {
  const nowMs = clock.now();
  const made = { communityId, inviteLink, botId, telegramChatId: chatId, madeAt: new Date(nowMs).toISOString() };
  const link = madeAvailable({ ...made, shard, sequence, telegramExpiresAt: expiresAt?.toISOString() });
  const linkId = poolLinkId({ poolId, shard, sequence });
  if (await createIfAbsent(store, poolLinks, linkId, link)) return true;
  log.warn({ communityId, inviteLinkHash: inviteLinkId(inviteLink) }, 'orphan link: another attempt was first');
  const orphan = retiredOutsidePool(made, {
    because: 'surplus',
    expiresAt: expiresAt?.toISOString() ?? expiryOf(nowMs, retentionDays),
    nowMs,
  });
  await createIfAbsent(store, poolLinks, retiringLinkId(inviteLink), orphan);
  return false;
}

function lineOf<Result>(
  { communityId, shard, sequence, deferrals }: FillPoolTask,
  done: CallLine<Result>['done'],
): CallLine<Result> {
  return { message: 'link call', fields: { communityId, call: 'pool', shard, sequence, deferrals }, done };
}
