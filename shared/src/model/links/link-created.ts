import { Type, type Static } from 'typebox';
import { ABOUT_MEMBERSHIP, linkCreatedEvents } from '../topics.ts';
import { defineEvent, Timestamp, type DomainEvent } from '../../platform/delivery/define-event.ts';
import type { DoneRequest } from './request-states.ts';

export type LinkCreatedData = Static<typeof Data>;

const Data = Type.Object({
  requestId: Type.String({ minLength: 1 }),
  userId: Type.String({ minLength: 1 }),
  transactionId: Type.String(),
  inviteLink: Type.String({ minLength: 1 }),
  // What the request holds besides, so that it can be rebuilt from its event when the store was lost.
  telegramChatId: Type.Optional(Type.String()),
  botId: Type.Optional(Type.String()),
  communityId: Type.Optional(Type.String()),
  createdAt: Type.Optional(Timestamp),
  attempts: Type.Optional(Type.Integer({ minimum: 1 })),
  generation: Type.Optional(Type.Integer({ minimum: 2 })),
  linkExpiresAt: Type.Optional(Timestamp),
  membershipId: Type.Optional(Type.String({ minLength: 1 })),
  /** A test journey: no part of any count. */
  test: Type.Optional(Type.Literal(true)),
});

/** The buyer's link exists and is recorded. */
export const LinkCreated = defineEvent({
  type: 'LinkCreated',
  idSuffix: 'link-created',
  subjectOf: ({ requestId }) => requestId,
  source: 'link-worker',
  topic: linkCreatedEvents,
  data: Data,
  // Of a link that does not expire a membership has nothing to know.
  attributesOf: ({ membershipId, linkExpiresAt }) =>
    membershipId === undefined || linkExpiresAt === undefined ? {} : { [ABOUT_MEMBERSHIP]: 'true' },
});

/** The event of a request's link: the same, however often it is published. */
export function linkCreated(request: DoneRequest): DomainEvent<LinkCreatedData> {
  const { requestId, userId, transactionId, inviteLink, communityId, createdAt, attempts } = request;
  const { telegramChatId, botId, linkExpiresAt, generation, linkCreatedAt, traceparent, membershipId, test } = request;
  return LinkCreated.create({
    generation,
    time: linkCreatedAt,
    traceparent,
    data: {
      requestId,
      userId,
      transactionId,
      inviteLink,
      communityId,
      createdAt,
      // Of a link of the pool there were none.
      ...(attempts === 0 ? {} : { attempts }),
      ...(telegramChatId === undefined ? {} : { telegramChatId }),
      ...(botId === undefined ? {} : { botId }),
      ...(linkExpiresAt === undefined ? {} : { linkExpiresAt }),
      ...(generation === 1 ? {} : { generation }),
      ...(membershipId === undefined ? {} : { membershipId }),
      ...(test === undefined ? {} : { test }),
    },
  });
}
