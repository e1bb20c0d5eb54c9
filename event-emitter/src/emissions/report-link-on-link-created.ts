import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { eventNames } from '@paid-community/shared/model/emissions/emission.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { LinkCreatedData } from '@paid-community/shared/model/links/link-created.ts';
import { communityAttributes } from './community-attributes.ts';
import { emitOnce, type Emitted } from './emit-once.ts';
import { whyNotTold, type LinkInTimeDeps, type NotTold } from './link-in-time.ts';

/**
 * Tells WebEngage that the buyer's link is there; its journey sends the buyer the message. A link that is of no use any
 * more is not told.
 */
export async function reportLinkOnLinkCreated(
  event: DomainEvent<LinkCreatedData>,
  deps: LinkInTimeDeps,
): Promise<Emitted | NotTold> {
  const reason = await whyNotTold(event, deps);
  if (reason !== undefined) return reason;
  const { requestId, communityId = DEFAULT_COMMUNITY, userId, transactionId, inviteLink, test } = event.data;
  return emitOnce(
    {
      requestId,
      communityId,
      event: {
        eventId: event.id,
        userId,
        eventName: eventNames.linkCreated,
        eventTime: new Date(event.time),
        eventData: { transactionId, inviteLink, test, ...(await communityAttributes(communityId, deps.communities)) },
      },
    },
    deps,
  );
}
