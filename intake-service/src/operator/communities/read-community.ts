import { chatStandings } from '@paid-community/shared/model/communities/chat-standing.ts';
import { communities, DEFAULT_COMMUNITY, type Community } from '@paid-community/shared/model/communities/community.ts';
import { defaultCommunity, environmentCommunity } from '@paid-community/shared/model/communities/default-community.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { describeCommunity, type CommunityInWords } from './community-answer.ts';

/** @throws HttpError `not_found` */
export async function readCommunity(communityId: string, store: DocumentStore): Promise<Snapshot<Community>> {
  const read = await store.get(communities, communityId);
  if (read === undefined)
    throw new HttpError('not_found', 'There is no such community; `communities list` shows those that there are');
  return read;
}

/** As operators see it. @throws HttpError `not_found` */
export async function viewCommunity(communityId: string, store: DocumentStore): Promise<CommunityInWords> {
  if (communityId !== DEFAULT_COMMUNITY) return describeCommunity((await readCommunity(communityId, store)).data);
  return describeDefault((await store.get(communities, communityId))?.data, store);
}

/**
 * Its chat and its bot are those of the settings of link-worker, which says what they are when it looks at them. Nobody
 * knows since when it has them.
 */
export async function describeDefault(stored: Community | undefined, store: DocumentStore): Promise<CommunityInWords> {
  const standing = (await store.get(chatStandings, DEFAULT_COMMUNITY))?.data;
  const ofSettings = environmentCommunity({ chatId: standing?.chatId ?? '', botId: '' });
  const { chatId, botIds, ...described } = describeCommunity(defaultCommunity(ofSettings, stored));
  const known = botIds.filter((botId) => botId !== '');
  return {
    ...described,
    createdAt: undefined,
    connectedAt: undefined,
    updatedAt: stored?.updatedAt,
    chatId: chatId === '' ? undefined : chatId,
    botIds: known.length > 0 ? known : (standing?.bots.map(({ botId }) => botId) ?? []),
  };
}
