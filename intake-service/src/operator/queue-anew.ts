import type { InviteRequest } from '@paid-community/shared/documents/invite-requests.ts';
import { toQueueTask } from '@paid-community/shared/tasks/create-invite-link-task.ts';
import { inviteQueue } from '@paid-community/shared/topology.ts';
import type { OperatorDeps } from './operation.ts';

export interface QueuedAnew {
  /** To be committed, if unchanged, before the task is queued. */
  readonly changed: InviteRequest;
  readonly enqueue: () => Promise<unknown>;
}

/**
 * A request with another task, at once, and with all its attempts again if they were used up. It is PROCESSING with its next attempt
 * now: if the task is lost, because this process dies before it is queued, the request turns up among the stuck ones.
 */
export function queuedAnew(request: InviteRequest, { clock, taskQueue }: Pick<OperatorDeps, 'clock' | 'taskQueue'>): QueuedAnew {
  const now = new Date(clock.now()).toISOString();
  const retry = (request.retries ?? 0) + 1;
  const attempts = request.status === 'FAILED' || request.status === 'DONE' ? 0 : request.attempts;
  const changed: InviteRequest = { ...request, status: 'PROCESSING', attempts, retries: retry, nextAttemptAt: now, failedAt: undefined, updatedAt: now };
  const { requestId, traceparent } = request;
  return { changed, enqueue: () => taskQueue.enqueue(inviteQueue, toQueueTask({ requestId, attemptNumber: attempts + 1, deferrals: 0, retry, traceparent })) };
}
