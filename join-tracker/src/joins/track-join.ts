import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import type { UnexplainedJoin } from '@paid-community/shared/model/memberships/join.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import { currentTrace } from '@paid-community/shared/platform/trace/current-trace.ts';
import type { CommunitiesOfChats, ServedCommunity } from '../chats/communities-of-chats.ts';
import type { Joins, Purchase } from './joins.ts';
import { publishJoin } from './publish-join.ts';
import type { UnmatchedJoins } from './unmatched-joins.ts';
import type { ChatMemberUpdated } from '../updates/telegram/update.ts';

export interface TrackJoinDeps {
  readonly joins: Joins;
  readonly unmatched: UnmatchedJoins;
  readonly chats: CommunitiesOfChats;
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
}

/**
 * Records a join and publishes it, once for each request. Resolves when it is durable. The record decides who was
 * first, and the record is published, also for an update of another person. So the next update through the same link
 * publishes a join that was recorded when the process died. The event's id is that of the request, so a second publish
 * does no harm.
 * @param botId - The bot that saw it; undefined for the default one.
 * @throws RetryableError when the store or the bus did not answer.
 */
export async function trackJoin(
  update: ChatMemberUpdated,
  botId: string | undefined,
  traceparent: string,
  deps: TrackJoinDeps,
): Promise<TrackedJoin> {
  const { joins, unmatched, chats, log } = deps;
  const who = {
    telegramUserId: String(update.new_chat_member.user.id),
    joinedAt: new Date(update.date * 1_000).toISOString(),
  };
  const link = update.invite_link;
  const chatOf = await chats.of(update.chat);
  const throughLink = link === undefined ? undefined : await joins.findByLink(link.invite_link);
  // A link leads into one chat. So a chat that nobody is known to have is that of the link's community.
  const communityId = chatOf ?? throughLink?.communityId;
  const served = communityId === undefined ? undefined : await chats.servedBy(botId, communityId);
  if (served === undefined || (throughLink !== undefined && throughLink.communityId !== communityId)) {
    // We may keep nothing of a person who joins a stranger's group.
    log.debug({ outcome: 'foreign_chat' }, 'join');
    return { outcome: 'foreign_chat' };
  }
  const purchase = throughLink ?? (await findByName(link?.name, served, joins));
  const seen = { ...who, communityId: served.communityId, chatId: String(update.chat.id) };
  if (purchase === undefined) {
    const reason = await reasonOf(link?.invite_link, served, joins);
    await unmatched.record({ ...seen, reason, inviteLink: link?.invite_link, linkName: link?.name });
    const isExplained = served.isServedBySeveral && (await unmatched.keepOne(seen));
    const outcome = isExplained ? 'already_tracked' : 'unmatched';
    log.info({ outcome, reason }, 'join');
    return { outcome, communityId: served.communityId };
  }
  const outcome = await recordAndPublish(purchase, who, traceparent, deps);
  if (served.isServedBySeveral) await unmatched.forget(seen);
  return { ...outcome, communityId: served.communityId };
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

/** In the chat of a community, a name leads to purchases of this community only. */
async function findByName(
  name: string | undefined,
  { communityId }: ServedCommunity,
  joins: Joins,
): Promise<Purchase | undefined> {
  const purchase = name === undefined ? undefined : await joins.findByName(name);
  return purchase?.communityId === communityId ? purchase : undefined;
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
    // The place of somebody who left is free again, so a link can bring a second person, or the same one twice.
    log.warn(
      { requestId, inviteLinkHash, outcome: 'repeated', samePerson: first.telegramUserId === telegramUserId },
      'join',
    );
    return { outcome: 'repeated' };
  }
  log.info({ requestId, inviteLinkHash, outcome: 'tracked' }, 'join');
  return isNew
    ? { outcome: 'tracked', waitedMs: waitedMs(purchase.linkCreatedAt, joinedAt) }
    : { outcome: 'already_tracked' };
}

/** Telegram tells whole seconds, so a join may seem to come just before its link. */
function waitedMs(linkCreatedAt: string | undefined, joinedAt: string): number | undefined {
  return linkCreatedAt === undefined ? undefined : Math.max(0, Date.parse(joinedAt) - Date.parse(linkCreatedAt));
}
