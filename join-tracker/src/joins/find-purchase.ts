import type { CommunitiesOfChats, ServedCommunity } from '../chats/communities-of-chats.ts';
import type { ChatJoinRequest } from '../updates/telegram/update.ts';
import type { Joins, Purchase } from './joins.ts';

export interface FindPurchaseDeps {
  readonly joins: Joins;
  readonly chats: CommunitiesOfChats;
}

export interface SeenInCommunity {
  readonly served: ServedCommunity;
  /** Behind the link by which somebody came or asks; undefined: none of ours. */
  readonly purchase: Purchase | undefined;
}

/**
 * Of which community an update tells, and of which purchase. Undefined: of none that the bot serves, or of the link of
 * another one.
 * @param botId - The bot that saw it; undefined for the default one.
 * @throws RetryableError when the store does not answer.
 */
export async function findPurchase(
  { chat, invite_link: link }: Pick<ChatJoinRequest, 'chat' | 'invite_link'>,
  botId: string | undefined,
  { joins, chats }: FindPurchaseDeps,
): Promise<SeenInCommunity | undefined> {
  const chatOf = await chats.of(chat);
  const throughLink = link === undefined ? undefined : await joins.findByLink(link.invite_link);
  // A link leads into one chat. So a chat that nobody is known to have is that of the link's community.
  const communityId = chatOf ?? throughLink?.communityId;
  const served = communityId === undefined ? undefined : await chats.servedBy(botId, communityId);
  if (served === undefined || (throughLink !== undefined && throughLink.communityId !== communityId)) return undefined;
  return { served, purchase: throughLink ?? (await findByName(link?.name, served, joins)) };
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
