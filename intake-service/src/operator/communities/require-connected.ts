import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { viewCommunity } from './read-community.ts';

/**
 * For what happens in the chat of a community.
 * @throws HttpError when there is no such community, or it has no chat
 */
export async function requireConnected(communityId: string, store: DocumentStore): Promise<void> {
  const { state } = await viewCommunity(communityId, store);
  if (state !== 'connected')
    throw new HttpError('conflict', `The community is ${state}: there is no chat of it to do this in`);
}
