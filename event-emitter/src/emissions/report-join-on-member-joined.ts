import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { eventNames } from '@paid-community/shared/model/emissions/emission.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { MemberJoinedData } from '@paid-community/shared/model/memberships/member-joined.ts';
import { communityAttributes } from './community-attributes.ts';
import { emitOnce, type EmitDeps, type Emitted } from './emit-once.ts';

/** Tells WebEngage that the buyer has joined. */
export async function reportJoinOnMemberJoined(event: DomainEvent<MemberJoinedData>, deps: EmitDeps): Promise<Emitted> {
  const {
    requestId,
    communityId = DEFAULT_COMMUNITY,
    userId,
    transactionId,
    inviteLink,
    telegramUserId,
    test,
  } = event.data;
  return emitOnce(
    {
      requestId,
      communityId,
      event: {
        eventId: event.id,
        userId,
        eventName: eventNames.memberJoined,
        eventTime: new Date(event.time),
        eventData: {
          transactionId,
          inviteLink,
          telegramUserId,
          test,
          ...(await communityAttributes(communityId, deps.communities)),
        },
      },
    },
    deps,
  );
}
