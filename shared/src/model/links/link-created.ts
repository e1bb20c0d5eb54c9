import { Type, type Static } from 'typebox';
import { linkCreatedEvents } from '../topics.ts';
import { defineEvent, Timestamp } from '../../platform/delivery/define-event.ts';

export type LinkCreatedData = Static<typeof Data>;

const Data = Type.Object({
  requestId: Type.String({ minLength: 1 }),
  userId: Type.String({ minLength: 1 }),
  transactionId: Type.String(),
  inviteLink: Type.String({ minLength: 1 }),
  // What the request holds besides, so that it can be rebuilt from its event when the store was lost.
  telegramChatId: Type.Optional(Type.String()),
  communityId: Type.Optional(Type.String()),
  createdAt: Type.Optional(Timestamp),
  attempts: Type.Optional(Type.Integer({ minimum: 1 })),
  generation: Type.Optional(Type.Integer({ minimum: 2 })),
  linkExpiresAt: Type.Optional(Timestamp),
});

/** The buyer's link exists and is recorded. */
export const LinkCreated = defineEvent({
  type: 'LinkCreated',
  idSuffix: 'link-created',
  source: 'link-worker',
  topic: linkCreatedEvents,
  data: Data,
});
