import { changeMembership } from '@paid-community/shared/memberships/change-membership.ts';
import { grantsOf } from '@paid-community/shared/memberships/grants-of.ts';
import { cameByLink, isKnownEntry, knownByLink } from '@paid-community/shared/model/memberships/membership-entry.ts';
import { membershipOfPurchase } from '@paid-community/shared/model/memberships/membership-of-purchase.ts';
import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { purchaseEvents } from '@paid-community/shared/model/topics.ts';
import type { ServedCommunity } from '../chats/communities-of-chats.ts';
import type { Joins, Purchase } from '../joins/joins.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';
import type { ChatMemberUpdated } from '../updates/telegram/update.ts';

/** The bus keeps a purchase that nobody has handled for so long. */
const RETAINED_MS = purchaseEvents.retentionSeconds * 1_000;

export interface EnterByLinkDeps {
  readonly joins: Joins;
  readonly memberships: MembershipWork;
}

/**
 * Somebody came in by the link of a purchase: the person of its membership, who is bound to it, or a stranger. Undefined
 * for a purchase without a membership: this costs nothing. A link that comes before the grant of its purchase makes the
 * membership, so that of two accounts that come only one is bound.
 * @throws RetryableError
 */
export async function enterByLink(
  purchase: Purchase,
  { new_chat_member, date, invite_link }: ChatMemberUpdated,
  { settings }: ServedCommunity,
  traceparent: string,
  { joins, memberships: work }: EnterByLinkDeps,
): Promise<'person' | 'stranger' | undefined> {
  const { requestId, communityId, userId } = purchase;
  const { store, clock } = work;
  // link-worker may have made the link just before it knew of a change of the community.
  const membershipId = purchase.membershipId ?? membershipOfPurchase({ communityId, userId }, settings);
  if (membershipId === undefined) return undefined;
  const read = await store.get(memberships, membershipId);
  if (read === undefined && !isAwaited(purchase, clock.now())) return undefined;
  const telegramUserId = String(new_chat_member.user.id);
  const entry = { telegramUserId, requestId, at: new Date(date * 1_000).toISOString() };
  const { revokeAfterJoin = false, wrongPerson } = await work.communityOf(communityId);
  const now = await changeMembership(
    read ?? membershipId,
    async (stored, rules) => {
      const known = stored ?? (await madeByLink({ ...purchase, membershipId }, joins, clock.now()));
      const others = isKnownEntry(known, entry) ? [] : await otherRequests(membershipId, requestId, work);
      const came = {
        ...entry,
        otherRequests: others,
        // Nobody else is approved by a link that asks for approval.
        revokesLink: revokeAfterJoin && invite_link?.creates_join_request !== true,
        removesStrangers: wrongPerson === 'remove',
      };
      return cameByLink(known, came, rules, clock.now());
    },
    communityId,
    traceparent,
    work,
  );
  return now?.telegramUserId === telegramUserId ? 'person' : 'stranger';
}

/** Whether the grant of a purchase without a membership is yet to come. Otherwise the membership was erased. */
export function isAwaited({ membershipId, linkCreatedAt }: Purchase, nowMs: number): boolean {
  return membershipId !== undefined && linkCreatedAt !== undefined && nowMs - Date.parse(linkCreatedAt) < RETAINED_MS;
}

/** Before the grant of the purchase has come. */
export async function madeByLink(
  purchase: Purchase & { readonly membershipId: string },
  joins: Joins,
  nowMs: number,
): Promise<Membership> {
  return knownByLink({ ...purchase, telegramUserId: await joins.accountOf(purchase.requestId) }, nowMs);
}

async function otherRequests(membershipId: string, requestId: string, { store }: MembershipWork): Promise<string[]> {
  const bought = (await grantsOf(membershipId, store)).filter(({ kind }) => kind === 'purchase');
  return bought.map(({ grantId }) => grantId).filter((grantId) => grantId !== requestId);
}
