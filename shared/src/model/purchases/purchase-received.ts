import { Type, type Static } from 'typebox';
import { purchaseEvents } from '../topics.ts';
import { defineEvent } from '../../platform/delivery/define-event.ts';

export type PurchaseReceivedData = Static<typeof Data>;

const Data = Type.Object({
  requestId: Type.String({ minLength: 1 }),
  userId: Type.String({ minLength: 1 }),
  transactionId: Type.String(),
  communityId: Type.String({ minLength: 1 }),
});

/** Somebody bought access, and intake-service has acknowledged it. */
export const PurchaseReceived = defineEvent({
  type: 'PurchaseReceived',
  idSuffix: 'purchase-received',
  subjectOf: ({ requestId }) => requestId,
  source: 'intake-service',
  topic: purchaseEvents,
  data: Data,
});
