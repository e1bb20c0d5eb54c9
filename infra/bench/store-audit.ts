import { join } from 'node:path';
// eslint-disable-next-line project/boundaries -- counts what is in the file itself, not what the backend says is in it
import { DatabaseSync } from 'node:sqlite';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { STORE_FILE } from '@paid-community/shared/platform/backends/embedded/store-files.ts';
import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { MembershipExpired } from '@paid-community/shared/model/memberships/membership-events.ts';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { membershipEvents, purchaseEvents } from '@paid-community/shared/model/topics.ts';
import type { LoadResult } from './load/job.ts';
import { purchaseIds } from './load/purchases.ts';

export interface Finished {
  /** Times in ms since the epoch, by transactionId. */
  readonly linkCreatedAt: number;
  readonly eventSentAt: number;
}

const files = { system: STORE_FILE, reference: 'reference.db' };

function readStore<Row>(dataDir: string, kind: keyof typeof files, sql: string, ...parameters: string[]): Row[] {
  const database = new DatabaseSync(join(dataDir, files[kind]));
  try {
    return database.prepare(sql).all(...parameters) as Row[];
  } finally {
    database.close();
  }
}

/** The transaction ids of all purchases that the file holds, after its process is gone. */
export function storedPurchases(dataDir: string, kind: keyof typeof files): ReadonlySet<string> {
  const rows = readStore<{ id: string }>(
    dataDir,
    kind,
    `SELECT data ->> '$.data.transactionId' AS id FROM messages WHERE topic = ?`,
    purchaseEvents.name,
  );
  return new Set(rows.map((row) => row.id));
}

/** Acknowledged purchases that the store does not hold: one is too many. */
export function countMissing(
  name: string,
  { sent, refused }: Pick<LoadResult, 'sent' | 'refused'>,
  stored: { has(transactionId: string): boolean },
): number {
  const notAcknowledged = new Set(refused);
  let missing = 0;
  for (let index = 0; index < sent; index += 1) {
    if (!notAcknowledged.has(index) && !stored.has(purchaseIds(name, index).transactionId)) missing += 1;
  }
  return missing;
}

/** Purchases whose link and event are both recorded. */
export function finishedPurchases(dataDir: string, kind: keyof typeof files): ReadonlyMap<string, Finished> {
  const rows =
    kind === 'system'
      ? readStore<FinishedRow>(
          dataDir,
          kind,
          `SELECT r.data ->> '$.transactionId' AS id, r.data ->> '$.linkCreatedAt' AS linkAt, e.data ->> '$.sentAt' AS eventAt
           FROM documents r JOIN documents e ON e.collection = ? AND e.id = r.id || ?
           WHERE r.collection = ? AND r.data ->> '$.status' = 'DONE'`,
          emissions.name,
          LinkCreated.idOf(''),
          inviteRequests.name,
        )
      : readStore<FinishedRow>(
          dataDir,
          kind,
          `SELECT m.data ->> '$.data.transactionId' AS id, l.created_at AS linkAt, l.sent_at AS eventAt FROM messages m JOIN links l ON l.purchase = m.seq`,
        );
  return new Map(
    rows.map(({ id, linkAt, eventAt }) => [id, { linkCreatedAt: toMs(linkAt), eventSentAt: toMs(eventAt) }]),
  );
}

/** How long each purchase has waited for its link, from when it was accepted; ms. */
export function linkWaits(dataDir: string): readonly number[] {
  const rows = readStore<{ readonly acceptedAt: string; readonly linkAt: string }>(
    dataDir,
    'system',
    `SELECT data ->> '$.createdAt' AS acceptedAt, data ->> '$.linkCreatedAt' AS linkAt
     FROM documents WHERE collection = ? AND data ->> '$.status' = 'DONE'`,
    inviteRequests.name,
  );
  return rows.map(({ acceptedAt, linkAt }) => toMs(linkAt) - toMs(acceptedAt));
}

interface FinishedRow {
  readonly id: string;
  readonly linkAt: string | number;
  readonly eventAt: string | number;
}

function toMs(time: string | number): number {
  return typeof time === 'number' ? time : Date.parse(time);
}

/** What the file says of memberships whose time is over. Times in ms since the epoch. */
export interface EndedMemberships {
  readonly ended: number;
  /** Ends that were told, and how many of them were told once. */
  readonly told: number;
  readonly toldOnce: number;
  readonly firstToldAt: number;
  readonly lastToldAt: number;
  /** Memberships that have something to tell yet. */
  readonly unsettled: number;
}

export function endedMemberships(dataDir: string): EndedMemberships {
  const [counted] = readStore<EndedMemberships>(
    dataDir,
    'system',
    `SELECT count(*) AS told, count(DISTINCT data ->> '$.id') AS toldOnce,
       min(published_at) AS firstToldAt, max(published_at) AS lastToldAt,
       (SELECT count(*) FROM documents WHERE collection = '${memberships.name}' AND data ->> '$.state' = 'expired') AS ended,
       (SELECT count(*) FROM documents WHERE collection = '${memberships.name}' AND data -> '$.effects' <> '[]') AS unsettled
     FROM messages WHERE topic = ? AND data ->> '$.type' = ?`,
    membershipEvents.name,
    MembershipExpired.type,
  );
  if (counted === undefined) throw new Error('A query that counts has one row');
  return counted;
}
