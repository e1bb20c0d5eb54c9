import { openEmbeddedBackend } from '@paid-community/shared/platform/backends/embedded/open-embedded-backend.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import type { Collection, CollectionIndex, Topology } from '@paid-community/shared/platform/ports/topology-types.ts';
import { ofNobody } from '@paid-community/shared/platform/testing/of-nobody.ts';

type Document = Readonly<Record<string, unknown>>;

/** The collections, by a field that each of their documents has; the product itself never lists most of them. */
const ORDER_FIELDS = {
  invite_requests: 'createdAt',
  invite_links: 'createdAt',
  joins: 'joinedAt',
  unmatched_joins: 'joinedAt',
  emissions: 'sentAt',
  dead_letters: 'lastAt',
  bot_rates: 'pausedUntil',
  chat_migrations: 'migratedAt',
  health_reports: 'checkedAt',
} as const;

export type CollectionName = keyof typeof ORDER_FIELDS;

/** Every document that a stopped system has left behind. Opens its store, so no process may have it. */
export async function storedDocuments(dataDir: string): Promise<Record<CollectionName, readonly Document[]>> {
  const collections = Object.entries(ORDER_FIELDS).map(([name, orderBy]): Collection<Document> => {
    const index: CollectionIndex = { where: [], orderBy };
    return { name, ...ofNobody, indexes: [index] };
  });
  const topology: Topology = { topics: [], subscriptions: [], queues: [], collections };
  const log = createLogger({ level: 'silent', secrets: [] });
  const backend = openEmbeddedBackend({ dataDir, topology, clock: systemClock, log });
  try {
    const found: Partial<Record<string, readonly Document[]>> = {};
    for (const collection of collections) {
      const orderBy = { field: collection.indexes[0]?.orderBy ?? '', direction: 'ascending' } as const;
      const page = await backend.store.query({ collection, where: {}, orderBy, limit: 1_000 });
      found[collection.name] = page.documents.map(({ data }) => data);
    }
    return found as Record<CollectionName, readonly Document[]>;
  } finally {
    await backend.close();
  }
}
