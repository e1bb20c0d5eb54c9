import {
  DisputeClosed,
  PurchaseDisputed,
  PurchaseRefunded,
} from '@paid-community/shared/model/purchases/purchase-notes.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { withDispute, withRefund } from '@paid-community/shared/model/memberships/purchase-grants.ts';
import { on, type TypedMessageHandler } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import { grantOnPurchase } from './grant-on-purchase.ts';
import type { MembershipWork } from './membership-work.ts';
import { noteOnPurchase } from './note-on-purchase.ts';

/** What becomes of memberships by purchases, refunds and disputes. */
export function purchaseHandlers(work: MembershipWork): readonly TypedMessageHandler[] {
  return [
    on(PurchaseReceived, (event) => grantOnPurchase(event, work)),
    on(PurchaseRefunded, async ({ data, time, traceparent }) => {
      const { requestId, refundId, amount, reason } = data;
      const what = amount === undefined ? 'refunded' : 'partly refunded';
      const refund = { refundId, at: time, amount, reason };
      await noteOnPurchase({ requestId, what, traceparent, note: (known) => withRefund(known, refund) }, work);
    }),
    on(PurchaseDisputed, async ({ data, time, traceparent }) => {
      const dispute = { state: 'open', at: time, suspends: work.disputeSuspends } as const;
      const note = { what: 'disputed', traceparent, requestId: data.requestId };
      await noteOnPurchase({ ...note, note: (known) => withDispute(known, dispute) }, work);
    }),
    on(DisputeClosed, async ({ data, time, traceparent }) => {
      const { requestId, outcome } = data;
      const dispute = { state: outcome, at: time, suspends: false };
      const note = { what: `dispute ${outcome}`, traceparent, requestId };
      await noteOnPurchase({ ...note, note: (known) => withDispute(known, dispute) }, work);
    }),
  ];
}
