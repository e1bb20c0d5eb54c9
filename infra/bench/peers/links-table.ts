import type { Pool } from 'pg';
import type { LinkRecords } from '../comparison/side/make-link.ts';

/** One row for each request; a second link for the same request is not recorded. */
export async function openLinksTable(
  pool: Pool,
): Promise<LinkRecords & { missing(requestIds: readonly string[]): Promise<number> }> {
  await pool.query(
    `CREATE TABLE IF NOT EXISTS links (
       request_id uuid PRIMARY KEY, user_id text NOT NULL, transaction_id text NOT NULL, invite_link text NOT NULL, created_at timestamptz NOT NULL DEFAULT now()
     )`,
  );
  return {
    // Named statements: PostgreSQL plans each of them once for a connection.
    has: async (requestId) => {
      const found = await pool.query({
        name: 'has-link',
        text: 'SELECT 1 FROM links WHERE request_id = $1',
        values: [requestId],
      });
      return found.rowCount !== 0;
    },
    record: async ({ requestId, userId, transactionId }, inviteLink) => {
      await pool.query({
        name: 'record-link',
        text: 'INSERT INTO links (request_id, user_id, transaction_id, invite_link) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
        values: [requestId, userId, transactionId, inviteLink],
      });
    },
    missing: async (requestIds) => {
      const found = await pool.query<{ count: string }>(
        'SELECT count(*) FROM links WHERE request_id = ANY($1::uuid[])',
        [requestIds],
      );
      return requestIds.length - Number(found.rows[0]?.count);
    },
  };
}

/** As the server itself says it. */
export async function describePostgres(pool: Pool): Promise<string> {
  const settings = await Promise.all(
    ['server_version', 'fsync', 'synchronous_commit', 'wal_sync_method'].map(async (name) => {
      const shown = await pool.query<Record<string, string>>(`SHOW ${name}`);
      return `${name}=${shown.rows[0]?.[name] ?? 'unknown'}`;
    }),
  );
  return `PostgreSQL ${settings.join(', ')}`;
}
