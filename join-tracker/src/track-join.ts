import { inviteLinkId } from '@paid-community/shared/documents/invite-links.ts';
import { MemberJoined } from '@paid-community/shared/events/member-joined.ts';
import type { Logger } from '@paid-community/shared/log/logger.ts';
import type { EventBus } from '@paid-community/shared/ports/event-bus.ts';
import { currentTrace } from '@paid-community/shared/telemetry/current-trace.ts';
import type { Joins } from './joins.ts';
import type { CountJoin } from './measurements.ts';
import type { ChatMemberUpdated } from './telegram/update.ts';

export interface TrackJoinDeps {
  readonly joins: Joins;
  readonly eventBus: EventBus;
  readonly log: Logger;
  readonly count: CountJoin;
}

/**
 * Records a join and publishes it, once for each request. Resolves when it is durable; run again for the same update, it
 * publishes the same event with the same id.
 * @throws RetryableError when the store or the bus did not answer.
 */
export async function trackJoin(update: ChatMemberUpdated, traceparent: string, { joins, eventBus, log, count }: TrackJoinDeps): Promise<void> {
  const telegramUserId = String(update.new_chat_member.user.id);
  const joinedAt = new Date(update.date * 1_000).toISOString();
  const link = update.invite_link;
  const purchase = link === undefined ? undefined : await joins.findPurchase(link);
  if (purchase === undefined) {
    const reason = link === undefined ? 'no_link' : 'unknown_link';
    await joins.recordUnmatched({ telegramUserId, chatId: String(update.chat.id), joinedAt, reason, inviteLink: link?.invite_link, linkName: link?.name });
    count('unmatched');
    log.info({ outcome: 'unmatched', reason }, 'join');
    return;
  }
  const { requestId, userId, transactionId, inviteLink } = purchase;
  // Telegram's call begins a trace of its own; this is the one that it goes on from.
  if (purchase.traceparent !== undefined) currentTrace()?.span.linkTo(purchase.traceparent);
  const inviteLinkHash = inviteLinkId(inviteLink);
  const { first, isNew } = await joins.recordFirst({ requestId, telegramUserId, joinedAt, inviteLinkHash });
  if (first.telegramUserId !== telegramUserId || first.joinedAt !== joinedAt) {
    // The place of somebody who left is free again, so a link can bring a second person, or the same one twice.
    count('repeated');
    log.warn({ requestId, inviteLinkHash, outcome: 'repeated', samePerson: first.telegramUserId === telegramUserId }, 'join');
    return;
  }
  if (isNew) count('tracked', waitedMs(purchase.linkCreatedAt, joinedAt));
  else count('already_tracked');
  const event = MemberJoined.create({ requestId, time: joinedAt, traceparent, data: { requestId, userId, transactionId, inviteLink, telegramUserId } });
  await MemberJoined.publish(eventBus, event);
  log.info({ requestId, inviteLinkHash, outcome: 'tracked' }, 'join');
}

/** Telegram tells whole seconds, so a join may seem to come just before its link. */
function waitedMs(linkCreatedAt: string | undefined, joinedAt: string): number | undefined {
  return linkCreatedAt === undefined ? undefined : Math.max(0, Date.parse(joinedAt) - Date.parse(linkCreatedAt));
}
