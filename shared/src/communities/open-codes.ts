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

/** Operators make them by hand, and each lives for an hour. */
const MOST_OPEN = 1_000;

/** The ids of the bots of which somebody may be about to tap a connection link. @throws RetryableError */
export async function botsWithOpenCodes(store: DocumentStore): Promise<ReadonlySet<string>> {
  const { documents } = await store.query({
    collection: connectionCodes,
    where: {},
    orderBy: { field: 'createdAt', direction: 'descending' },
    limit: MOST_OPEN,
  });
  return new Set(documents.map(({ data }) => data.botId));
}
