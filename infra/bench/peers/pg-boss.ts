import { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import type { Purchase } from '../comparison/side/job-side.ts';
import { makeLink } from '../comparison/side/make-link.ts';
import { serveSide } from '../comparison/side/serve-side.ts';
import { describePostgres, openLinksTable } from './links-table.ts';
import { versionOf } from './version-of.ts';

const QUEUE = 'make-link';
const POOL_SIZE = 20;
/** A worker fetches so many jobs at once, and asks for more when all of them are done. */
const BATCH_SIZE = 50;
/** The least that pg-boss allows: a job whose worker has been silent for so long is given to another. */
const HEARTBEAT_SECONDS = 10;

/**
 * The least that it allows. Jobs that come back (retries, lost workers) are not notified of, and would wait for the
 * default of 30 s.
 */
const POLLING = { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 };

serveSide(async (settings, events) => {
  const pool = new Pool({ connectionString: settings.store, max: POOL_SIZE });
  const boss = new PgBoss({
    connectionString: settings.store,
    max: POOL_SIZE,
    useListenNotify: true,
    schedule: false,
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
  });
  boss.on('error', (error) => {
    process.stderr.write(`pg-boss: ${String(error)}\n`);
  });
  await boss.start();
  await boss.createQueue(QUEUE, { notify: true, heartbeatSeconds: HEARTBEAT_SECONDS });
  const links = await openLinksTable(pool);
  const handle = makeLink(settings, links, events);
  return {
    describe: async () => `${versionOf('pg-boss')}, ${await describePostgres(pool)}`,
    accept: async (purchase) => {
      await boss.send(QUEUE, purchase, { id: purchase.requestId });
    },
    acceptMany: async (purchases) => {
      await boss.insert(
        QUEUE,
        purchases.map((data) => ({ id: data.requestId, data })),
      );
    },
    // Finished jobs keep their id, so these get new ones.
    replay: async (purchases) => {
      for (let from = 0; from < purchases.length; from += 1_000)
        await boss.insert(
          QUEUE,
          purchases.slice(from, from + 1_000).map((data) => ({ data })),
        );
    },
    work: async () => {
      await boss.work<Purchase>(
        QUEUE,
        {
          batchSize: BATCH_SIZE,
          localConcurrency: Math.ceil(settings.concurrency / BATCH_SIZE),
          burstWhenBatchFull: true,
          ...POLLING,
          heartbeatRefreshSeconds: 5,
        },
        async (jobs) => {
          await Promise.all(jobs.map((job) => handle(job.data)));
        },
      );
    },
    withoutLink: (requestIds) => links.missing(requestIds),
    close: async () => {
      await boss.stop({ graceful: true });
      await pool.end();
    },
  };
});
