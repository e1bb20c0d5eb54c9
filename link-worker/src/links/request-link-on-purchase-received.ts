import type { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { membershipOfPurchase } from '@paid-community/shared/model/memberships/membership-of-purchase.ts';
import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { nextTaskOf, queuedAgain } from '@paid-community/shared/model/links/attempts.ts';
import { documentOf, inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { DoneRequest, OpenRequest, ProcessingRequest } from '@paid-community/shared/model/links/request-states.ts';
import { anotherLink, isInside } from '@paid-community/shared/model/links/another-link.ts';
import { afterPurchase, boughtAgain, received } from '@paid-community/shared/model/links/receive-purchase.ts';
import { notNeeded } from '@paid-community/shared/model/links/revoke-link.ts';
import { claimed, deadLetterId, deadLetters, retried } from '@paid-community/shared/model/operations/dead-letter.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { PurchaseReceivedData } from '@paid-community/shared/model/purchases/purchase-received.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import {
  changeDocument,
  createIfAbsent,
  withWrites,
} from '@paid-community/shared/platform/ports/conditional-writes.ts';
import {
  updateDocument,
  type DocumentStore,
  type Write,
} from '@paid-community/shared/platform/ports/document-store.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { QueuedPlace } from '../bots/turns/community-lines.ts';
import type { PoolDemand } from '../pool/pool-demand.ts';
import { takeLink, type TakeLinkDeps } from '../pool/take-link.ts';
import { followUp, type LinkOutcome } from './link-outcome.ts';
import { membershipNow } from '../members/membership-now.ts';

interface Deps extends TakeLinkDeps {
  readonly communities: Pick<KnownCommunities, 'get'>;
  readonly eventBus: EventBus;
  readonly taskQueue: TaskQueue;
  readonly retentionDays: number;
  readonly measure: (outcome: LinkOutcome) => void;
  readonly demand: PoolDemand;
  /** Where a new task stands in the line of its community; undefined: it comes at once. */
  readonly placeInLine: (communityId: string) => Promise<QueuedPlace | undefined>;
}

/**
 * Records the purchase as a request, with a link where the pool of its community has one, and otherwise queues its first
 * attempt. Both steps can be repeated: a second purchase with the same id changes nothing, and a crash between them is
 * mended by the redelivery. A purchase that is posted again after its request was given up is tried again, with all its
 * attempts: the answer to the post was "queued". One that is posted after an erasure is a new purchase; one of before it
 * is a replay, and brings nothing back.
 *
 * Somebody who is inside needs no link for a renewal. Posted again while the person is out, it brings another link.
 */
export async function requestLinkOnPurchaseReceived(
  event: DomainEvent<PurchaseReceivedData>,
  deps: Deps,
): Promise<void> {
  const expiresAt = expiryOf(event.time, deps.retentionDays);
  const membershipId = await membershipOf(event.data, deps);
  const request = received(event, expiresAt, membershipId);
  if (membershipId !== undefined && isInside(await membershipNow(membershipId, deps.store))) {
    const renewal = notNeeded(request, 'inside', deps.clock.now());
    if (await createIfAbsent(deps.store, inviteRequests, request.requestId, documentOf(renewal))) return;
    return queueOrPublish(await whatIsDue(event, expiresAt, membershipId, deps), deps);
  }
  const taken = await takeLink(request, deps);
  if (taken.kind === 'taken') {
    const outcome = { kind: 'linked', request: taken.request, isNew: true } as const;
    deps.measure(outcome);
    await followUp(outcome, deps);
    return deps.demand.bought(request.communityId, false);
  }
  const isNew =
    taken.kind === 'none' && (await createIfAbsent(deps.store, inviteRequests, request.requestId, documentOf(request)));
  await queueOrPublish(isNew ? request : await whatIsDue(event, expiresAt, membershipId, deps), deps);
  if (isNew) await deps.demand.bought(request.communityId, taken.isEmpty);
}

/**
 * It costs no read. Whether a purchase makes a membership was decided when it was accepted: settings that changed since
 * make none of it. They count only when they were unknown then.
 */
async function membershipOf(
  bought: PurchaseReceivedData,
  { communities }: Pick<Deps, 'communities'>,
): Promise<string | undefined> {
  const community = bought.makesMembership === 'unknown' ? await communities.get(bought.communityId) : undefined;
  return membershipOfPurchase(bought, community);
}

async function queueOrPublish(due: OpenRequest | DoneRequest | undefined, deps: Deps): Promise<void> {
  if (due === undefined) return;
  if (due.status === 'DONE') return followUp({ kind: 'linked', request: due, isNew: false }, deps);
  await deps.taskQueue.enqueue(inviteQueue, nextTaskOf(due, await deps.placeInLine(due.communityId)));
}

/**
 * A request that exists, when its task is to be queued or its link published; undefined when there is nothing to do. A
 * replay of the past costs one read each, and no task.
 */
async function whatIsDue(
  event: DomainEvent<PurchaseReceivedData>,
  expiresAt: string,
  membershipId: string | undefined,
  { store, clock }: Deps,
): Promise<OpenRequest | DoneRequest | undefined> {
  const stands = await changeDocument(store, inviteRequests, event.data.requestId, async (document) => {
    if (document === undefined) throw new RetryableError('request_gone', 'The request was deleted in the same moment');
    const due = afterPurchase(inviteRequestOf(document), event, clock.now());
    switch (due.kind) {
      case 'nothing':
      case 'queue':
      case 'publish':
        return undefined;
      case 'begin_anew':
        return documentOf(boughtAgain(due.request, event, expiresAt, membershipId));
      case 'retry': {
        const again = queuedAgain(due.request, clock.now());
        return withWrites(documentOf(again), await settleLetter(again, store));
      }
      case 'look': {
        const { request } = due;
        const membership = await membershipNow(request.membershipId, store);
        const again = anotherLink(request, membership, { askedAt: event.time, nowMs: clock.now() });
        return again === undefined ? undefined : documentOf(again);
      }
    }
  });
  const due = stands === undefined ? undefined : afterPurchase(inviteRequestOf(stands), event, clock.now());
  return due?.kind === 'queue' || due?.kind === 'publish' ? due.request : undefined;
}

/** The dead letter of a request that is tried again, where it has one, is settled with it: no operator has to. */
async function settleLetter(
  { requestId, updatedAt }: ProcessingRequest,
  store: DocumentStore,
): Promise<readonly Write[]> {
  const letter = await store.get(deadLetters, deadLetterId(inviteQueue.name, requestId));
  if (letter?.data.status !== 'open') return [];
  const settled = retried(claimed(letter.data, 'the purchase, posted again', updatedAt));
  return [updateDocument(deadLetters, letter, settled)];
}
