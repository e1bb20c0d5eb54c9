import { Type, type Static } from 'typebox';
import { purchaseEvents } from '../topics.ts';
import { defineEvent, Timestamp } from '../../platform/delivery/define-event.ts';

export type LinkExpiredData = Static<typeof Data>;

const Data = Type.Object({
  requestId: Type.String({ minLength: 1 }),
  /** Absent in events of an older version. */
  communityId: Type.Optional(Type.String({ minLength: 1 })),
  /** Of the link; absent = the first. */
  generation: Type.Optional(Type.Integer({ minimum: 2 })),
  linkExpiresAt: Timestamp,
});

/**
 * The link of a purchase expired, or is about to, before the buyer could be told of it: the purchase needs another one.
 */
export const LinkExpired = defineEvent({
  type: 'LinkExpired',
  idSuffix: 'link-expired',
  subjectOf: ({ requestId }) => requestId,
  source: 'event-emitter',
  // The topic of every event that asks for a link: link-worker takes it in the order of its purchases.
  topic: purchaseEvents,
  data: Data,
});
