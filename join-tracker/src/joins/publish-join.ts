import type { Join } from '@paid-community/shared/model/memberships/join.ts';
import { MemberJoined, memberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { Purchase } from './joins.ts';

/**
 * Publishes a recorded join; again and again it is the same event. Without the purchase behind its link (erased, or
 * past its retention), or without who it was (erased), nobody can be told anything. False then.
 * @throws RetryableError
 */
export async function publishJoin(
  join: Join,
  purchase: Purchase | undefined,
  traceparent: string,
  eventBus: EventBus,
): Promise<boolean> {
  if (purchase === undefined || join.telegramUserId === '') return false;
  await MemberJoined.publish(eventBus, memberJoined(purchase, join, purchase.generation, traceparent));
  return true;
}
