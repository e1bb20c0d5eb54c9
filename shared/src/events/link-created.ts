import { Type, type Static } from 'typebox';
import { linkCreatedEvents } from '../topology.ts';
import { defineEvent } from './envelope.ts';

export type LinkCreatedData = Static<typeof Data>;

const Data = Type.Object({
  requestId: Type.String({ minLength: 1 }),
  userId: Type.String({ minLength: 1 }),
  transactionId: Type.String(),
  inviteLink: Type.String({ minLength: 1 }),
});

/** The buyer's link exists and is recorded. */
export const LinkCreated = defineEvent({
  type: 'LinkCreated',
  idSuffix: 'link-created',
  source: 'link-worker',
  topic: linkCreatedEvents,
  data: Data,
});
