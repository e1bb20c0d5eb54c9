import { anotherLink } from '@paid-community/shared/model/links/another-link.ts';
import { nextTaskOf } from '@paid-community/shared/model/links/attempts.ts';
import { documentOf, inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { LinkNeeded } from '@paid-community/shared/model/links/link-needed.ts';
import { isOpen } from '@paid-community/shared/model/links/request-states.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { membershipNow } from '../members/membership-now.ts';

interface Deps {
  readonly store: DocumentStore;
  readonly taskQueue: TaskQueue;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Gives a purchase another link when the person is out, has paid, and has no link that lets in. It can be repeated: one
 * that was asked for before the person came in says nothing any more, and a crash between record and task is mended by
 * the redelivery.
 * @throws RetryableError when the store does not answer, or the purchase was not heard of yet
 */
export async function giveLinkOnLinkNeeded(
  event: ReturnType<typeof LinkNeeded.parse>,
  { store, taskQueue, clock, log }: Deps,
): Promise<void> {
  const { requestId } = event.data;
  const stands = await changeDocument(store, inviteRequests, requestId, async (document) => {
    if (document === undefined) throw new RetryableError('no_request', 'The purchase has no request yet');
    const request = inviteRequestOf(document);
    if (request.status !== 'DONE' && request.status !== 'NOT_NEEDED') return undefined;
    const membership = await membershipNow(request.membershipId, store);
    const again = anotherLink(request, membership, { askedAt: event.time, nowMs: clock.now() });
    return again === undefined ? undefined : documentOf(again);
  });
  const request = stands === undefined ? undefined : inviteRequestOf(stands);
  if (request === undefined || !isOpen(request) || request.attempts > 0) return;
  await taskQueue.enqueue(inviteQueue, nextTaskOf(request));
  log.info({ requestId, generation: request.generation, outcome: 'queued' }, 'link needed');
}
