import type { DocumentStore, Page, Query, Snapshot } from './document-store.ts';

/** As many as a query may answer with. */
const PAGE = 1_000;

/**
 * All that a query finds, page by page: for what is few as a rule, and must be whole. What is written meanwhile may be
 * among it or not.
 * @throws RetryableError when the store does not answer.
 */
export async function allDocuments<T extends object>(
  query: Omit<Query<T>, 'limit' | 'cursor'>,
  store: Pick<DocumentStore, 'query'>,
): Promise<readonly Snapshot<T>[]> {
  const found: Snapshot<T>[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await store.query({ ...query, limit: PAGE, cursor });
    found.push(...page.documents);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found;
}
