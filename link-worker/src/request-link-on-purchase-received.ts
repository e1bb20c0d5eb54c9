import { expiryOf } from '@paid-community/shared/config/retention-settings.ts';
import type { DomainEvent } from '@paid-community/shared/events/envelope.ts';
import type { PurchaseReceivedData } from '@paid-community/shared/events/purchase-received.ts';
import type { TaskQueue } from '@paid-community/shared/ports/task-queue.ts';
import { toQueueTask } from '@paid-community/shared/tasks/create-invite-link-task.ts';
import { inviteQueue } from '@paid-community/shared/topology.ts';
import type { InviteRequests } from './invite-requests.ts';

/**
 * Records the purchase as a request and queues its first attempt. Both steps can be repeated: a second purchase with
 * the same id changes nothing, and a crash between them is mended by the redelivery.
 */
export async function requestLinkOnPurchaseReceived(
  event: DomainEvent<PurchaseReceivedData>,
  deps: { readonly requests: InviteRequests; readonly taskQueue: TaskQueue; readonly retentionDays: number },
): Promise<void> {
  const { requestId, userId, transactionId, communityId } = event.data;
  const isNew = await deps.requests.create({
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
  });
  if (!isNew) {
    // A replay of the past costs one read each, and no task. Anything but QUEUED has had its first task.
    const known = await deps.requests.get(requestId);
    if (known !== undefined && known.data.status !== 'QUEUED') return;
  }
  await deps.taskQueue.enqueue(inviteQueue, toQueueTask({ requestId, attemptNumber: 1, deferrals: 0, traceparent: event.traceparent }));
}
