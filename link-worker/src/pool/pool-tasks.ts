import { FillPool, RevokePoolLink } from '@paid-community/shared/model/links/pool-tasks.ts';
import { RevokeInviteLink } from '@paid-community/shared/model/memberships/membership-tasks.ts';
import { poolQueue } from '@paid-community/shared/model/queues.ts';
import { oneAtATime } from '@paid-community/shared/platform/delivery/one-at-a-time.ts';
import { onTask } from '@paid-community/shared/platform/delivery/task-handlers.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { TaskBinding } from '@paid-community/shared/platform/service/service.ts';
import { revokeInviteLink } from '../links/revoke-invite-link.ts';
import { fillPool, type FillPoolDeps } from './fill-pool.ts';
import { revokePoolLink } from './revoke-pool-link.ts';

/** Links made ahead and revoked, one task after another in each shard of a pool. */
export function poolTasks(deps: FillPoolDeps & { readonly taskQueue: TaskQueue }): TaskBinding {
  const inOrderOfShard = oneAtATime();
  return {
    queue: poolQueue,
    handlers: [
      onTask(FillPool, (task) =>
        inOrderOfShard(`${task.communityId} ${task.shard}`, async () => {
          const next = await fillPool(task, deps);
          if (next !== undefined) await deps.taskQueue.enqueue(poolQueue, next);
        }),
      ),
      onTask(RevokePoolLink, async (task) => {
        const next = await revokePoolLink(task, deps);
        if (next !== undefined) await deps.taskQueue.enqueue(poolQueue, next);
      }),
      onTask(RevokeInviteLink, async (task) => {
        const next = await revokeInviteLink(task, deps);
        if (next !== undefined) await deps.taskQueue.enqueue(poolQueue, next);
      }),
    ],
  };
}
