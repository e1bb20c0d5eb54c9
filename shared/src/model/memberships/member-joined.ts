import { Type, type Static } from 'typebox';
import { memberJoinedEvents } from '../topics.ts';
import { defineEvent, type DomainEvent } from '../../platform/delivery/define-event.ts';
import type { Written } from '../../platform/validation/validator.ts';
import type { Join } from './join.ts';

export type MemberJoinedData = Static<typeof Data>;

const Data = Type.Object({
  requestId: Type.String({ minLength: 1 }),
  /** Absent in events of an older version. */
  communityId: Type.Optional(Type.String({ minLength: 1 })),
  userId: Type.String({ minLength: 1 }),
  transactionId: Type.String(),
  inviteLink: Type.String(),
  telegramUserId: Type.String({ minLength: 1 }),
  /** The membership that the purchase belongs to; absent: it makes none. */
  membershipId: Type.Optional(Type.String({ minLength: 1 })),
  /** A test journey: no part of any count. */
  test: Type.Optional(Type.Literal(true)),
});

/** Somebody joined the community through the link of a purchase, for the first time. */
export const MemberJoined = defineEvent({
  type: 'MemberJoined',
  idSuffix: 'member-joined',
  subjectOf: ({ requestId }) => requestId,
  source: 'join-tracker',
  topic: memberJoinedEvents,
  data: Data,
});

/** The event of a recorded join: the same, however often it is published. */
export function memberJoined(
  purchase: Omit<Written<MemberJoinedData>, 'telegramUserId'>,
  { telegramUserId, joinedAt }: Pick<Join, 'telegramUserId' | 'joinedAt'>,
  generation: number,
  traceparent: string,
): DomainEvent<MemberJoinedData> {
  const { requestId, communityId, userId, transactionId, inviteLink, membershipId, test } = purchase;
  return MemberJoined.create({
    generation,
    time: joinedAt,
    traceparent,
    data: { requestId, communityId, userId, transactionId, inviteLink, telegramUserId, membershipId, test },
  });
}
