import type { CommunitySettings } from '@paid-community/shared/model/communities/community.ts';
import { connectionCodes } from '@paid-community/shared/model/communities/connection-code.ts';
import { deleteDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

/** More codes of a bot than anybody makes in the hour that they are valid. */
const MOST = 100;

/** The links of a community that has its chat lead nowhere any more. @throws RetryableError */
export async function deleteCodes(
  { communityId, botIds }: Pick<CommunitySettings, 'botIds'> & { readonly communityId: string },
  store: DocumentStore,
): Promise<void> {
  const pages = await Promise.all(
    botIds.map((botId) =>
      store.query({
        collection: connectionCodes,
        where: { botId },
        orderBy: { field: 'createdAt', direction: 'descending' },
        limit: MOST,
      }),
    ),
  );
  const codes = pages.flatMap(({ documents }) => documents).filter(({ data }) => data.communityId === communityId);
  if (codes.length > 0) await store.commit(codes.map(({ id }) => deleteDocument(connectionCodes, id)));
}
