import { communities, DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { readCommunity } from './read-community.ts';

/**
 * For what happens in the chat of a community.
 * @throws HttpError when there is no such community, or it has no chat
 */
export async function requireConnected(communityId: string, store: DocumentStore): Promise<void> {
  const { state } = await stateOf(communityId, store);
  if (state !== 'connected')
    throw new HttpError('conflict', `The community is ${state}: there is no chat of it to do this in`);
}

async function stateOf(communityId: string, store: DocumentStore): Promise<{ readonly state: string }> {
  if (communityId !== DEFAULT_COMMUNITY) return (await readCommunity(communityId, store)).data;
  // Its chat is in the settings of link-worker, which answers for it.
  return (await store.get(communities, communityId))?.data ?? { state: 'connected' };
}
