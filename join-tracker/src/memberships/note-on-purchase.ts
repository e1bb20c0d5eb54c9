import { changeMembership } from '@paid-community/shared/memberships/change-membership.ts';
import { grantsOf } from '@paid-community/shared/memberships/grants-of.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { foldGrants } from '@paid-community/shared/model/memberships/covered-time.ts';
import { grants, isGrant, type Grant, type PurchaseNotes } from '@paid-community/shared/model/memberships/grant.ts';
import { purchaseNoted } from '@paid-community/shared/model/memberships/membership-life.ts';
import { RevokeInviteLink } from '@paid-community/shared/model/memberships/membership-tasks.ts';
import { isVoid, noEarlyNotes } from '@paid-community/shared/model/memberships/purchase-grants.ts';
import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { updateDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { MembershipWork } from './membership-work.ts';

/** What was told of a purchase after it. */
export interface PurchaseNote {
  readonly requestId: string;
  /** For the history of the membership. */
  readonly what: string;
  readonly traceparent: string;
  /** The same object when it is known. */
  readonly note: <Noted extends PurchaseNotes>(known: Noted) => Noted;
}

/** A purchase that came before its refund is recorded by then, unless something is down. */
const PURCHASE_COMES_WITHIN_MS = 10 * 60_000;

/**
 * A refund or dispute changes the grant of its purchase, and the membership with it, in one commit. While there is no
 * grant, it is kept where the grant will be: a purchase that comes at the same moment finds it, or is found. A purchase
 * that makes no membership has nothing to lose but its link. What is told of the first request of a purchase of several
 * communities is told of the others.
 */
export async function noteOnPurchase(told: PurchaseNote, work: MembershipWork): Promise<void> {
  const { requestId, note } = told;
  const stands = await changeDocument(work.store, grants, requestId, (known) => {
    if (isGrant(known)) return undefined;
    const at = new Date(work.clock.now()).toISOString();
    const early = known ?? noEarlyNotes(requestId, at, expiryOf(at, work.retentionDays));
    const next = note(early);
    return next === early ? undefined : next;
  });
  if (isGrant(stands)) await noteOnGrants(stands, told, work);
  else if (stands !== undefined && isVoid(stands)) await revokeLink(told, work);
}

async function noteOnGrants(grant: Grant, told: PurchaseNote, work: MembershipWork): Promise<void> {
  await noteOnGrant(grant, told, work);
  for (const requestId of grant.otherRequestIds ?? []) await noteOnPurchase({ ...told, requestId }, work);
}

async function noteOnGrant(
  { membershipId, communityId, grantId }: Grant,
  { what, traceparent, note }: PurchaseNote,
  work: MembershipWork,
): Promise<void> {
  const { store, clock } = work;
  await changeMembership(
    membershipId,
    async (known, rules) => {
      const stored = await store.get(grants, grantId);
      const before = stored?.data;
      // An erasure deletes both.
      if (known === undefined || stored === undefined || !isGrant(before)) return undefined;
      const next = note(before);
      if (next === before) return undefined;
      const all = (await grantsOf(membershipId, store)).map((each) => (each.grantId === grantId ? next : each));
      const fold = foldGrants(all, known.revokedAt, rules);
      return {
        membership: purchaseNoted(known, next, fold, { what }, rules, clock.now()),
        writes: [updateDocument(grants, stored, next)],
      };
    },
    communityId,
    traceparent,
    work,
  );
}

/** Of a purchase that has no membership, or that has not come yet. */
async function revokeLink({ requestId, traceparent }: PurchaseNote, work: MembershipWork): Promise<void> {
  const request = (await work.store.get(inviteRequests, requestId))?.data;
  // Its membership is on its way, and ends with the link.
  if (request?.membershipId !== undefined) return;
  const nowMs = work.clock.now();
  const notBefore = request === undefined ? new Date(nowMs + PURCHASE_COMES_WITHIN_MS) : undefined;
  const since = new Date(nowMs).toISOString();
  const task = { requestId, because: 'voided', since, attemptNumber: 1, deferrals: 0, traceparent };
  await work.taskQueue.enqueue(RevokeInviteLink.queue, RevokeInviteLink.toQueueTask(task, notBefore));
}
