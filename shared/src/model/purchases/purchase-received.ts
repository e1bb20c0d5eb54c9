import { Type, type Static } from 'typebox';
import { ABOUT_MEMBERSHIP, purchaseEvents } from '../topics.ts';
import { defineEvent, Timestamp } from '../../platform/delivery/define-event.ts';

export type PurchaseReceivedData = Static<typeof Data>;

const Data = Type.Object({
  requestId: Type.String({ minLength: 1 }),
  userId: Type.String({ minLength: 1 }),
  transactionId: Type.String(),
  communityId: Type.String({ minLength: 1 }),
  /**
   * Of a plan that opens several communities, in the event of the first one only: the requests of the others. What is
   * told of the purchase afterwards is told by the request of the first.
   */
  otherRequestIds: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  /**
   * It makes a membership, as its community was set when it was accepted; absent: it makes none. unknown: the settings
   * had not been read yet, and who takes it decides by them.
   */
  makesMembership: Type.Optional(Type.Union([Type.Literal(true), Type.Literal('unknown')])),
  /** What was bought, as it was at the purchase. */
  planId: Type.Optional(Type.String({ minLength: 1 })),
  planName: Type.Optional(Type.String()),
  /** Of the plan: an ISO 8601 duration, or LIFETIME. */
  period: Type.Optional(Type.String({ minLength: 1 })),
  /** It is paid until then, whatever the period. */
  endsAt: Type.Optional(Timestamp),
  /** The buyer's account, where it is known: nobody else is let in. */
  telegramUserId: Type.Optional(Type.String({ minLength: 1 })),
  email: Type.Optional(Type.String()),
  /** A test journey: no part of any count. */
  test: Type.Optional(Type.Literal(true)),
});

/** Somebody bought access, and intake-service has acknowledged it. */
export const PurchaseReceived = defineEvent({
  type: 'PurchaseReceived',
  idSuffix: 'purchase-received',
  subjectOf: ({ requestId }) => requestId,
  source: 'intake-service',
  topic: purchaseEvents,
  data: Data,
  attributesOf: ({ makesMembership }) => (makesMembership === undefined ? {} : { [ABOUT_MEMBERSHIP]: 'true' }),
});
