import { connectionCodes } from '../model/communities/connection-code.ts';
import type { DocumentStore } from '../platform/ports/document-store.ts';

/** Whether somebody may be about to tap a connection link of the bot. @throws RetryableError */
export async function hasOpenCode(botId: string, store: DocumentStore): Promise<boolean> {
  const { documents } = await store.query({
    collection: connectionCodes,
    where: { botId },
    orderBy: { field: 'createdAt', direction: 'descending' },
    limit: 1,
  });
  return documents.length > 0;
}
