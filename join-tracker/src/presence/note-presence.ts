import { changeMembership } from '@paid-community/shared/memberships/change-membership.ts';
import { membershipsOfAccount } from '@paid-community/shared/memberships/memberships-of-account.ts';
import { presenceSeen, type SeenPresence } from '@paid-community/shared/model/memberships/account-life.ts';
import type { CommunitiesOfChats } from '../chats/communities-of-chats.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';
import { isPresent, type ChatMemberUpdated } from '../updates/telegram/update.ts';

export interface NotePresenceDeps {
  readonly chats: CommunitiesOfChats;
  readonly memberships: MembershipWork;
}

/**
 * Notes where the account of an update is now, in each membership of the community that it is bound to. An update of
 * somebody who is bound to none costs one read, in any chat, and nothing of it is kept.
 * @param botId - The bot that it came by; undefined for the default one.
 * @throws RetryableError
 */
export async function notePresence(
  update: ChatMemberUpdated,
  botId: string | undefined,
  traceparent: string,
  { chats, memberships: work }: NotePresenceDeps,
): Promise<void> {
  const telegramUserId = String(update.new_chat_member.user.id);
  const found = await membershipsOfAccount({ telegramUserId }, work.store);
  if (found.length === 0) return;
  const communityId = await chats.of(update.chat);
  if (communityId === undefined || (await chats.servedBy(botId, communityId)) === undefined) return;
  const seen = await whatIsSeen(update, communityId, chats);
  for (const membership of found.filter(({ data }) => data.communityId === communityId))
    await changeMembership(
      membership,
      (known, rules) =>
        // It may have been moved to another account meanwhile.
        known?.telegramUserId === telegramUserId ? presenceSeen(known, seen, rules, work.clock.now()) : undefined,
      communityId,
      traceparent,
      work,
    );
}

async function whatIsSeen(
  { old_chat_member: before, new_chat_member: now, from, date }: ChatMemberUpdated,
  communityId: string,
  chats: CommunitiesOfChats,
): Promise<SeenPresence> {
  const at = new Date(date * 1_000).toISOString();
  const isOwnAct = from === undefined || from.id === now.user.id;
  const isOurAct = !isOwnAct && (await chats.isBotOf(communityId, String(from.id)));
  if (isPresent(now)) {
    const isRemovable = now.status !== 'administrator' && now.status !== 'creator';
    // Our bots let people in by approval only. Who was inside already was not let in.
    return { presence: 'inside', at, isRemovable, isAdmitted: isOurAct && !isPresent(before) ? true : undefined };
  }
  const hasLeft = isPresent(before);
  return { presence: 'outside', at, hasLeft, departure: departureOf(now.status, hasLeft, isOwnAct, isOurAct) };
}

/** A ban is lifted by an update, too: it says nothing of how the person went out. */
function departureOf(
  status: string,
  hasLeft: boolean,
  isOwnAct: boolean,
  isOurAct: boolean,
): SeenPresence['departure'] {
  if (isOurAct) return 'removed';
  if (status === 'kicked' || (hasLeft && !isOwnAct)) return 'kicked';
  return hasLeft ? 'left' : undefined;
}
