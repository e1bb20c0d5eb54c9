import { changeMembership } from '@paid-community/shared/memberships/change-membership.ts';
import { grantsOf } from '@paid-community/shared/memberships/grants-of.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { foldGrants } from '@paid-community/shared/model/memberships/covered-time.ts';
import { grants, isGrant } from '@paid-community/shared/model/memberships/grant.ts';
import { newMembership, purchased } from '@paid-community/shared/model/memberships/membership-life.ts';
import { membershipOfPurchase } from '@paid-community/shared/model/memberships/membership-of-purchase.ts';
import { purchaseGrant, withNotes } from '@paid-community/shared/model/memberships/purchase-grants.ts';
import type { PurchaseReceivedData } from '@paid-community/shared/model/purchases/purchase-received.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import {
  createDocument,
  updateDocument,
  type DocumentStore,
} from '@paid-community/shared/platform/ports/document-store.ts';
import { lookAgain } from '../presence/look-again.ts';
import type { MembershipWork } from './membership-work.ts';
import { noteOnPurchase } from './note-on-purchase.ts';

/** What is posted is delivered sooner, unless this service is down: then nobody waits for an answer any more. */
const RECENT_MS = 3_600_000;

/**
 * What was bought becomes a grant, and its membership the fold of it with the others, in one commit. A redelivery finds
 * the grant, and tells what a crash left. What was told of the purchase before it came is part of the grant. A purchase
 * that makes no membership costs neither a read nor a write.
 */
export async function grantOnPurchase(event: DomainEvent<PurchaseReceivedData>, work: MembershipWork): Promise<void> {
  const { data, traceparent } = event;
  const { requestId, communityId, userId, telegramUserId, test } = data;
  const membershipId = membershipOfPurchase(data, await work.communityOf(communityId));
  if (membershipId === undefined) return;
  const { store, clock } = work;
  const purchase = { isPostedAgain: false };
  const membership = await changeMembership(
    membershipId,
    async (known, rules) => {
      const stored = await store.get(grants, requestId);
      const early = stored?.data;
      purchase.isPostedAgain = isGrant(early) && event.time > early.from;
      if (isGrant(early) || (await wasErased(event, store))) return undefined;
      const now = clock.now();
      const grant = purchaseGrant(event, membershipId, early, now);
      const others = known === undefined ? [] : await grantsOf(membershipId, store);
      const before = known ?? newMembership({ membershipId, communityId, userId, test }, now);
      const fold = foldGrants([...others, grant], before.revokedAt, rules);
      return {
        membership: purchased(before, { grant, telegramUserId }, fold, rules, now),
        writes: [
          stored === undefined ? createDocument(grants, requestId, grant) : updateDocument(grants, stored, grant),
        ],
      };
    },
    communityId,
    traceparent,
    work,
  );
  if (data.otherRequestIds !== undefined) await passOnEarlyNotes(event, data.otherRequestIds, work);
  // A replay of the past asks for nothing.
  const isNow = clock.now() - Date.parse(event.time) < RECENT_MS;
  if (purchase.isPostedAgain && isNow && membership !== undefined)
    await lookAgain(membership, requestId, traceparent, work);
}

/** What was told of the purchase before it came is told of its other requests. */
async function passOnEarlyNotes(
  { data: { requestId }, traceparent }: DomainEvent<PurchaseReceivedData>,
  otherRequestIds: readonly string[],
  work: MembershipWork,
): Promise<void> {
  const grant = (await work.store.get(grants, requestId))?.data;
  if (grant === undefined || (grant.refunds === undefined && grant.dispute === undefined)) return;
  const what = grant.refunds === undefined ? 'disputed' : 'refunded';
  for (const other of otherRequestIds)
    await noteOnPurchase({ requestId: other, what, traceparent, note: (known) => withNotes(known, grant) }, work);
}

/** A replay of what was bought before an erasure brings nothing back. */
async function wasErased({ data, time }: DomainEvent<PurchaseReceivedData>, store: DocumentStore): Promise<boolean> {
  const read = await store.get(inviteRequests, data.requestId);
  if (read === undefined) return false;
  const { erased } = inviteRequestOf(read.data);
  return erased !== undefined && time <= erased.at;
}
