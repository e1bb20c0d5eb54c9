import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import type { UnexplainedJoin } from '@paid-community/shared/model/memberships/join.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import { currentTrace } from '@paid-community/shared/platform/trace/current-trace.ts';
import type { ServedCommunity } from '../chats/communities-of-chats.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';
import { enterByLink } from '../presence/enter-by-link.ts';
import { findPurchase, type FindPurchaseDeps } from './find-purchase.ts';
import type { Joins, Purchase } from './joins.ts';
import { publishJoin } from './publish-join.ts';
import type { UnmatchedJoins } from './unmatched-joins.ts';
import type { ChatMemberUpdated } from '../updates/telegram/update.ts';

export interface TrackJoinDeps extends FindPurchaseDeps {
  readonly unmatched: UnmatchedJoins;
  readonly memberships: MembershipWork;
  readonly eventBus: EventBus;
  readonly log: Logger;
}

/** What a join came to. */
export interface JoinOutcome {
  readonly outcome: 'tracked' | 'already_tracked' | 'repeated' | 'unmatched' | 'foreign_chat';
  /** The time from link to join, of a join that is tracked for the first time. */
  readonly waitedMs?: number | undefined;
}

export interface TrackedJoin extends JoinOutcome {
  /** Absent in a chat of nobody. */
  readonly communityId?: string | undefined;
  /** Whether the account may be bound to a membership: who comes by the link of a purchase without one is not. */
  readonly mayBeMember: boolean;
}

/**
 * Records a join and publishes it, once for each request. Resolves when it is durable. The record decides who was
 * first, and the record is published, also for an update of another person. So the next update through the same link
 * publishes a join that was recorded when the process died. The event's id is that of the request, so a second publish
 * does no harm. Somebody else who comes by the link of a membership's purchase is no join of it.
 * @param botId - The bot that saw it; undefined for the default one.
 * @throws RetryableError when the store or the bus did not answer.
 */
export async function trackJoin(
  update: ChatMemberUpdated,
  botId: string | undefined,
  traceparent: string,
  deps: TrackJoinDeps,
): Promise<TrackedJoin> {
  const { joins, unmatched, log } = deps;
  const who = {
    telegramUserId: String(update.new_chat_member.user.id),
    joinedAt: new Date(update.date * 1_000).toISOString(),
  };
  const link = update.invite_link;
  const found = await findPurchase(update, botId, deps);
  if (found === undefined) {
    // We may keep nothing of a person who joins a stranger's group.
    log.debug({ outcome: 'foreign_chat' }, 'join');
    return { outcome: 'foreign_chat', mayBeMember: false };
  }
  const { served, purchase } = found;
  const { communityId } = served;
  const seen = { ...who, communityId, chatId: String(update.chat.id) };
  if (purchase === undefined) {
    const reason = await reasonOf(link?.invite_link, served, joins);
    await unmatched.record({ ...seen, reason, inviteLink: link?.invite_link, linkName: link?.name });
    const isExplained = served.isServedBySeveral && (await unmatched.keepOne(seen));
    const outcome = isExplained ? 'already_tracked' : 'unmatched';
    log.info({ outcome, reason }, 'join');
    return { outcome, communityId, mayBeMember: true };
  }
  const entrant = await enterByLink(purchase, update, served, traceparent, deps);
  const outcome =
    entrant === 'stranger' ? repeated(purchase, false, log) : await recordAndPublish(purchase, who, traceparent, deps);
  if (served.isServedBySeveral) await unmatched.forget(seen);
  return { ...outcome, communityId, mayBeMember: entrant !== undefined };
}

/** Why no purchase explains a join. */
async function reasonOf(
  inviteLink: string | undefined,
  { communityId }: ServedCommunity,
  joins: Joins,
): Promise<UnexplainedJoin['reason']> {
  if (inviteLink === undefined) return 'no_link';
  return (await joins.isNamedLink(inviteLink, communityId)) ? 'named_link' : 'unknown_link';
}

async function recordAndPublish(
  purchase: Purchase,
  who: { readonly telegramUserId: string; readonly joinedAt: string },
  traceparent: string,
  deps: TrackJoinDeps,
): Promise<JoinOutcome> {
  const { joins, eventBus, log } = deps;
  const { telegramUserId, joinedAt } = who;
  const { requestId, communityId, inviteLink, generation } = purchase;
  // Telegram's call begins a trace of its own; this is the one that it goes on from.
  if (purchase.traceparent !== undefined) currentTrace()?.span.linkTo(purchase.traceparent);
  const inviteLinkHash = inviteLinkId(inviteLink);
  const { first, isNew } = await joins.recordFirst({
    requestId,
    communityId,
    telegramUserId,
    joinedAt,
    inviteLinkHash,
    generation,
  });
  await publishJoin(
    first,
    first.inviteLinkHash === inviteLinkHash ? purchase : await joins.findByHash(first.inviteLinkHash),
    traceparent,
    eventBus,
  );
  if (first.telegramUserId !== telegramUserId || first.joinedAt !== joinedAt) {
    return repeated(purchase, first.telegramUserId === telegramUserId, log);
  }
  log.info({ requestId, inviteLinkHash, outcome: 'tracked' }, 'join');
  return isNew
    ? { outcome: 'tracked', waitedMs: waitedMs(purchase.linkCreatedAt, joinedAt) }
    : { outcome: 'already_tracked' };
}

/** The place of somebody who left is free again, so a link can bring a second person, or the same one twice. */
function repeated({ requestId, inviteLink }: Purchase, samePerson: boolean, log: Logger): JoinOutcome {
  log.warn({ requestId, inviteLinkHash: inviteLinkId(inviteLink), outcome: 'repeated', samePerson }, 'join');
  return { outcome: 'repeated' };
}

/** Telegram tells whole seconds, so a join may seem to come just before its link. */
function waitedMs(linkCreatedAt: string | undefined, joinedAt: string): number | undefined {
  return linkCreatedAt === undefined ? undefined : Math.max(0, Date.parse(joinedAt) - Date.parse(linkCreatedAt));
}
