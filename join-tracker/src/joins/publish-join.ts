import type { Join } from '@paid-community/shared/model/memberships/join.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { Purchase } from './joins.ts';

/**
 * Publishes a recorded join; again and again it is the same event. Without the purchase behind its link (erased, or
 * past its retention), or without who it was (erased), nobody can be told anything. False then.
 * @throws RetryableError
 */
export async function publishJoin(
  join: Join,
  purchase: Purchase | undefined,
  traceparent: string,
  eventBus: EventBus,
): Promise<boolean> {
  if (purchase === undefined || join.telegramUserId === '') return false;
  const { requestId, communityId, userId, transactionId, inviteLink, generation, membershipId, test } = purchase;
  const { telegramUserId, joinedAt } = join;
  const event = MemberJoined.create({
    generation,
    time: joinedAt,
    traceparent,
    data: {
      requestId,
      communityId,
      userId,
      transactionId,
      inviteLink,
      telegramUserId,
      ...(membershipId === undefined ? {} : { membershipId }),
      ...(test === undefined ? {} : { test }),
    },
  });
  await MemberJoined.publish(eventBus, event);
  return true;
}
