import { changeMembership } from '@paid-community/shared/memberships/change-membership.ts';
import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { linkMade } from '@paid-community/shared/model/memberships/unused-link.ts';
import { on, type TypedMessageHandler } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import type { MembershipWork } from './membership-work.ts';

/** Its purchase comes sooner, unless this service is down; a membership that is still absent then was erased. */
const PURCHASE_COMES_WITHIN_MS = 3_600_000;

/** When the links of memberships expire. A link that comes before its purchase waits for it. */
export function linkHandlers(work: MembershipWork): readonly TypedMessageHandler[] {
  return [
    on(LinkCreated, async ({ data, time: createdAt, traceparent }) => {
      const { requestId, membershipId, communityId = DEFAULT_COMMUNITY, linkExpiresAt: expiresAt } = data;
      if (membershipId === undefined || expiresAt === undefined) return;
      const { clock } = work;
      const link = { requestId, createdAt, expiresAt };
      const membership = await changeMembership(
        membershipId,
        (known, rules) => (known === undefined ? undefined : linkMade(known, link, rules, clock.now())),
        communityId,
        traceparent,
        work,
      );
      if (membership === undefined && clock.now() - Date.parse(createdAt) < PURCHASE_COMES_WITHIN_MS)
        throw new RetryableError('membership_not_made', `The membership of the purchase ${requestId} is not made yet`);
    }),
  ];
}
