import type { TypedMessageHandler } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';

/** What is due by time. */
export function tickHandlers(_work: MembershipWork): readonly TypedMessageHandler[] {
  return [];
}
