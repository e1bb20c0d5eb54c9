import type { TypedMessageHandler } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import type { MembershipWork } from './membership-work.ts';

/** What Telegram answered to removals. */
export function answerHandlers(_work: MembershipWork): readonly TypedMessageHandler[] {
  return [];
}
