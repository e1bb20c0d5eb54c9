import { join } from 'node:path';
// Millions of rows in seconds; the backend would write them one purchase at a time.
// eslint-disable-next-line project/boundaries
import { DatabaseSync } from 'node:sqlite';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { STORE_FILE } from '@paid-community/shared/platform/backends/embedded/store-files.ts';
import { openEmbeddedBackend } from '@paid-community/shared/platform/backends/embedded/open-embedded-backend.ts';
import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { linkCreatedEvents, purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { answerParent } from '../../processes/answer-parent.ts';

export interface HistoryJob {
  readonly dataDir: string;
  readonly documents: number;
}

/** A finished purchase leaves a request, a link and an emission, and for a week the two messages. */
const DOCUMENTS_EACH = 3;
const TIME = '2026-01-01T00:00:00.000Z';

answerParent(async ({ dataDir, documents }: HistoryJob): Promise<void> => {
  // Makes the tables and indexes of the store.
  await openEmbeddedBackend({
    dataDir,
    topology,
    clock: systemClock,
    log: createLogger({ level: 'error', secrets: [] }),
  }).close();
  const database = new DatabaseSync(join(dataDir, STORE_FILE));
  const purchase = `json_object('requestId', id, 'userId', 'user-' || n, 'transactionId', 'order-' || n, 'inviteLink', 'https://t.me/+' || link`;
  const document = (collection: string, id: string, data: string): string =>
    `INSERT INTO documents (collection, id, version, data) SELECT '${collection}', ${id}, '0.' || n, ${data} FROM past ORDER BY n`;
  const message = (topic: string, event: string): string =>
    `INSERT INTO messages (topic, published_at, attributes, data)
     SELECT '${topic}', ?, json_object('id', id, 'type', '${event}'), ${purchase}, 'time', '${TIME}', 'source', 'history', 'type', '${event}') FROM past ORDER BY n`;
  database.exec(`
    PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -500000;
    CREATE TEMP TABLE past AS
      WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ${Math.ceil(documents / DOCUMENTS_EACH)})
      SELECT n, lower(hex(randomblob(16))) AS id, lower(hex(randomblob(32))) AS link FROM numbers;
    BEGIN;
    ${document(
      inviteRequests.name,
      'id',
      `${purchase}, 'communityId', 'default', 'status', 'DONE', 'attempts', 1, 'createdAt', '${TIME}', 'updatedAt', '${TIME}', 'linkCreatedAt', '${TIME}', 'telegramChatId', '-1001000000001')`,
    )};
    ${document(inviteLinks.name, 'link', `${purchase}, 'createdAt', '${TIME}')`)};
    ${document(emissions.name, "id || '.link-created'", `json_object('sentAt', '${TIME}', 'event', id)`)};
  `);
  const yesterday = Date.now() - 86_400_000;
  database.prepare(message(purchaseEvents.name, PurchaseReceived.type)).run(yesterday);
  database.prepare(message(linkCreatedEvents.name, LinkCreated.type)).run(yesterday);
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
});
