import { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { LinkExpiredData } from '@paid-community/shared/model/links/link-expired.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { nextTaskOf } from '@paid-community/shared/model/links/attempts.ts';
import { documentOf, inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { afterExpiry, linkReplaced } from '@paid-community/shared/model/links/replace-link.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';

interface Deps {
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
  { store, taskQueue, clock, log }: Deps,
): Promise<void> {
  const { requestId, generation = 1 } = event.data;
  const read = await store.get(inviteRequests, requestId);
  if (read === undefined) return;
  const due = afterExpiry(inviteRequestOf(read.data), generation);
  if (due.kind === 'nothing') return;
  if (due.kind === 'queue') {
    await taskQueue.enqueue(inviteQueue, nextTaskOf(due.request));
    return;
  }
  if ((await store.get(joins, requestId)) !== undefined) {
    // Somebody was told after all, by a call whose answer was lost: another link would let one more in.
    log.warn({ requestId, generation, outcome: 'joined_already' }, 'expired link');
    return;
  }
  const changed = linkReplaced(due.request, clock.now(), 'expired');
  if (changed === undefined)
    throw new PermanentError(
      'too_many_links',
      `The purchase has had ${generation} links, and each expired before WebEngage took its event`,
    );
  await changeDocument(store, inviteRequests, read, () => documentOf(changed), { attempts: 1 });
  await taskQueue.enqueue(inviteQueue, nextTaskOf(changed));
  log.info({ requestId, generation: changed.generation, outcome: 'replaced' }, 'expired link');
}
