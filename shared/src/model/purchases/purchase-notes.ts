import { Type } from 'typebox';
import { defineEvent } from '../../platform/delivery/define-event.ts';
import { ABOUT_MEMBERSHIP, purchaseEvents } from '../topics.ts';

// What becomes of a purchase after it. Each may come before its purchase, and any number of times.

const requestId = Type.String({ minLength: 1 });
const aboutMembership = (): Readonly<Record<string, string>> => ({ [ABOUT_MEMBERSHIP]: 'true' });

/** `refundId` tells one refund of a purchase from another: the same one again has the same id. */
export const PurchaseRefunded = defineEvent({
  type: 'PurchaseRefunded',
  idSuffix: 'purchase-refunded',
  subjectOf: ({ requestId, refundId }) => `${requestId}.${refundId}`,
  source: 'intake-service',
  topic: purchaseEvents,
  attributesOf: aboutMembership,
  data: Type.Object({
    requestId,
    refundId: Type.String({ minLength: 1, maxLength: 64 }),
    /** Decimal text; absent: all of it. */
    amount: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
  }),
});

export const PurchaseDisputed = defineEvent({
  type: 'PurchaseDisputed',
  idSuffix: 'purchase-disputed',
  subjectOf: ({ requestId }) => requestId,
  source: 'intake-service',
  topic: purchaseEvents,
  attributesOf: aboutMembership,
  data: Type.Object({ requestId, reason: Type.Optional(Type.String()) }),
});

export const DisputeClosed = defineEvent({
  type: 'DisputeClosed',
  idSuffix: 'dispute-closed',
  subjectOf: ({ requestId }) => requestId,
  source: 'intake-service',
  topic: purchaseEvents,
  attributesOf: aboutMembership,
  data: Type.Object({ requestId, outcome: Type.Union([Type.Literal('won'), Type.Literal('lost')]) }),
});
