import { connectionCodes } from '../model/communities/connection-code.ts';
import type { DocumentStore } from '../platform/ports/document-store.ts';

/** Operators make them by hand, and each lives for an hour. */
const MOST_OPEN = 1_000;

/**
 * The bots of which a connection link may be tapped, by id, each with the time until when. @throws RetryableError
 */
export async function botsWithOpenCodes(store: DocumentStore): Promise<ReadonlyMap<string, string>> {
  const { documents } = await store.query({
    collection: connectionCodes,
    where: {},
    // Each is valid for the same time, so the newest one of a bot is the last to expire, and stays in the map.
    orderBy: { field: 'createdAt', direction: 'ascending' },
    limit: MOST_OPEN,
  });
  return new Map(documents.map(({ data: { botId, expiresAt } }) => [botId, expiresAt]));
}
