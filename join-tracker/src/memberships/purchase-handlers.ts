import type { TypedMessageHandler } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import type { MembershipWork } from './membership-work.ts';

/** What becomes of memberships by purchases, refunds and disputes. */
export function purchaseHandlers(_work: MembershipWork): readonly TypedMessageHandler[] {
  return [];
}
