import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { RetryableError } from '@paid-community/shared/platform/delivery/errors.ts';
import { lastErasure, type InviteRequest } from '@paid-community/shared/model/links/invite-request.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { PurchaseReceivedData } from '@paid-community/shared/model/purchases/purchase-received.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { nextTaskOf, queuedAnew } from '@paid-community/shared/model/links/queue-anew.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import type { InviteRequests } from './invite-requests.ts';

/**
 * Records the purchase as a request and queues its first attempt. Both steps can be repeated: a second purchase with
 * the same id changes nothing, and a crash between them is mended by the redelivery. A purchase that is posted again
 * after its request was given up is tried again, with all its attempts: whoever posted it was told that it is queued.
 * One that is posted after an erasure is a new purchase; one of before it is a replay, and brings nothing back.
 */
export async function requestLinkOnPurchaseReceived(
  event: DomainEvent<PurchaseReceivedData>,
  deps: {
    readonly requests: InviteRequests;
    readonly taskQueue: TaskQueue;
    readonly clock: Clock;
    readonly retentionDays: number;
  },
): Promise<void> {
  const { requestId, userId, transactionId, communityId } = event.data;
  const request: InviteRequest = {
    requestId,
    userId,
    transactionId,
    communityId,
    status: 'QUEUED',
    attempts: 0,
    createdAt: event.time,
    updatedAt: event.time,
    traceparent: event.traceparent,
    expiresAt: expiryOf(event.time, deps.retentionDays),
  };
  const due = (await deps.requests.create(request)) ? request : await whatIsDue(event, request, deps);
  if (due !== undefined) await deps.taskQueue.enqueue(inviteQueue, nextTaskOf(due));
}

/**
 * A request that exists, when its first task may not have been queued; undefined when there is nothing to do. A replay
 * of the past costs one read each, and no task.
 */
async function whatIsDue(
  event: DomainEvent<PurchaseReceivedData>,
  request: InviteRequest,
  { requests, clock }: { readonly requests: InviteRequests; readonly clock: Clock },
): Promise<InviteRequest | undefined> {
  const known = await requests.get(event.data.requestId);
  if (known === undefined) throw new RetryableError('request_gone', 'The request was deleted in the same moment');
  const { status, attempts, failedAt } = known.data;
  const erased = lastErasure(known.data);
  if (status === 'ERASED' && erased !== undefined) {
    if (event.time <= erased.at) return undefined;
    // Its link, its events and its task have numbers after those that were erased: what is left of these is in nobody's
    // way.
    const anew = { ...request, erased, generation: erased.generation + 1, retries: (known.data.retries ?? 0) + 1 };
    await requests.update(known, anew);
    return anew;
  }
  if (status === 'QUEUED') return known.data;
  // Queued anew, by an operator or below: a crash may have come between the record and the task.
  if (status === 'PROCESSING' && attempts === 0) return known.data;
  if (status !== 'FAILED' || failedAt === undefined || !wasPostedAfter(failedAt, event.time, clock.now()))
    return undefined;
  const { changed } = queuedAnew(known.data, clock.now());
  await requests.retry(known, changed);
  return changed;
}

/**
 * A time that is still to come was written by a clock that went wrong, and says nothing: then it is tried again once
 * too often.
 */
function wasPostedAfter(failedAt: string, postedAt: string, nowMs: number): boolean {
  return postedAt >= failedAt || Date.parse(failedAt) > nowMs;
}
