import { PermanentError } from '@paid-community/shared/platform/delivery/errors.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { LinkExpiredData } from '@paid-community/shared/model/links/link-expired.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { nextTaskOf } from '@paid-community/shared/model/links/queue-anew.ts';
import { MAX_GENERATIONS, replacedAnew } from '@paid-community/shared/model/links/replace-link.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { isCompleted, type InviteRequests } from './invite-requests.ts';

interface Deps {
  readonly requests: InviteRequests;
  readonly store: DocumentStore;
  readonly taskQueue: TaskQueue;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Gives a purchase another link, of the next generation, in the place of one that expired before the buyer was told. It
 * can be repeated: a request that has the next generation already is left to it, and a crash between record and task is
 * mended by the redelivery.
 * @throws PermanentError when the purchase has had as many links as there may be; ConflictError when it was written
 * meanwhile.
 */
export async function replaceLinkOnLinkExpired(
  event: DomainEvent<LinkExpiredData>,
  { requests, store, taskQueue, clock, log }: Deps,
): Promise<void> {
  const { requestId, generation = 1 } = event.data;
  const read = await requests.get(requestId);
  if (read === undefined) return;
  const request = read.data;
  const present = request.generation ?? 1;
  if (present === generation + 1 && request.status === 'PROCESSING' && request.attempts === 0) {
    await taskQueue.enqueue(inviteQueue, nextTaskOf(request));
    return;
  }
  if (present !== generation || !isCompleted(request)) return;
  if ((await store.get(joins, requestId)) !== undefined) {
    // Somebody was told after all, by a call whose answer was lost: another link would let one more in.
    log.warn({ requestId, generation, outcome: 'joined_already' }, 'expired link');
    return;
  }
  if (generation >= MAX_GENERATIONS)
    throw new PermanentError(
      'too_many_links',
      `The purchase has had ${generation} links, and each expired before WebEngage took its event`,
    );
  const { changed, task } = replacedAnew(request, clock.now(), 'expired');
  await requests.update(read, changed);
  await taskQueue.enqueue(inviteQueue, task);
  log.info({ requestId, generation: generation + 1, outcome: 'replaced' }, 'expired link');
}
