import { communities } from '@paid-community/shared/model/communities/community.ts';
import { communityChats } from '@paid-community/shared/model/communities/community-chat.ts';
import type { ChatMigrated } from '@paid-community/shared/model/communities/community-events.ts';
import { chatMoved, claimOf } from '@paid-community/shared/model/communities/community-life.ts';
import { createDocument, deleteDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { CommunityEventDeps } from './connect-on-chat-offered.ts';
import { timeOfChange } from '../time-of-change.ts';
import { writeCommunity } from './write-community.ts';

/**
 * The community follows its group to the id that it has as a supergroup. That of `default` is the settings', and
 * link-worker follows it.
 * @throws RetryableError when the store does not answer; HttpError `conflict` when the community changed meanwhile
 */
export async function moveChatOnChatMigrated(
  { data: { communityId: toldOf, fromChatId, toChatId } }: ReturnType<typeof ChatMigrated.create>,
  { store, clock, log }: CommunityEventDeps,
): Promise<void> {
  // A call for a link of a community that had the chat before finds it out as well.
  const communityId = (await store.get(communityChats, fromChatId))?.data.communityId ?? toldOf;
  const read = await store.get(communities, communityId);
  const community = read?.data;
  // It was told before, or the community has another chat since.
  if (community?.state !== 'connected' || community.chatId !== fromChatId) return;
  const at = await timeOfChange(communities, { store, clock });
  await writeCommunity(read, chatMoved(community, toChatId, at), store, [
    deleteDocument(communityChats, fromChatId),
    createDocument(communityChats, toChatId, claimOf(communityId, at)),
  ]);
  log.warn({ communityId, fromChatId, toChatId }, 'the group became a supergroup, and its community follows it');
}
