import type { MembershipFacts } from './membership-event-types.ts';
import type { AnyMembership } from './membership.ts';

/** What an event says of a membership. JSON has no undefined fields, and an event is compared as JSON. */
export function factsOf({
  membershipId,
  communityId,
  userId,
  telegramUserId,
  requestId,
  transactionId,
  planId,
  planName,
  startsAt,
  endsAt,
  test,
}: AnyMembership): MembershipFacts {
  const known = { telegramUserId, requestId, transactionId, planId, planName, startsAt, endsAt };
  return {
    membershipId,
    communityId,
    userId,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    ...(test ? { test: true } : {}),
  };
}
