import type { InviteRequest } from './invite-request.ts';
import type { OutgoingTask } from '../../platform/ports/task-queue.ts';
import { toQueueTask, type CreateInviteLinkTask } from './create-invite-link-task.ts';

export interface QueuedAnew {
  /** To be committed if nobody has written the request since it was read. */
  readonly changed: InviteRequest;
  readonly task: OutgoingTask;
}

/**
 * A request with another task, at once, and with all its attempts again if they were used up. It is PROCESSING with its
 * next attempt now: if the task is lost, the request turns up among the stuck ones. Whoever queues the task first loses
 * none of it: see `broughtOnBy`.
 */
export function queuedAnew(request: InviteRequest, nowMs: number): QueuedAnew {
  const now = new Date(nowMs).toISOString();
  const attempts = request.status === 'FAILED' || request.status === 'DONE' ? 0 : request.attempts;
  const changed: InviteRequest = {
    ...request,
    status: 'PROCESSING',
    attempts,
    retries: (request.retries ?? 0) + 1,
    nextAttemptAt: now,
    failedAt: undefined,
    updatedAt: now,
  };
  return { changed, task: nextTaskOf(changed) };
}

/**
 * The request as its task says that it is: whoever queued it anew is still writing, or died before. Unchanged when the
 * request knows of the task. To be written with whatever the task leads to.
 */
export function broughtOnBy(
  { retry }: Pick<CreateInviteLinkTask, 'retry'>,
  request: InviteRequest,
  nowMs: number,
): InviteRequest {
  return retry === undefined || retry <= (request.retries ?? 0)
    ? request
    : { ...queuedAnew(request, nowMs).changed, retries: retry };
}

/** The task of the attempt that comes next. Its name says which one, so that queueing it twice queues it once. */
export function nextTaskOf({ requestId, attempts, retries, traceparent }: InviteRequest): OutgoingTask {
  return toQueueTask({
    requestId,
    attemptNumber: attempts + 1,
    deferrals: 0,
    ...(retries === undefined ? {} : { retry: retries }),
    traceparent,
  });
}
