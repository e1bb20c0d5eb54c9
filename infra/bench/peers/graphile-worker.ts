import { Logger, makeWorkerUtils, run, type Runner } from 'graphile-worker';
import { Pool } from 'pg';
import type { Purchase } from '../comparison/side/job-side.ts';
import { makeLink } from '../comparison/side/make-link.ts';
import { serveSide } from '../comparison/side/serve-side.ts';
import { describePostgres, openLinksTable } from './links-table.ts';
import { versionOf } from './version-of.ts';

const TASK = 'make_link';
/** More connections only take turns on two processors. */
const POOL_SIZE = 20;

serveSide(async (settings, events) => {
  const pgPool = new Pool({ connectionString: settings.store, max: POOL_SIZE });
  pgPool.on('error', reportError);
  pgPool.on('connect', (client) => client.on('error', reportError));
  const logger = new Logger(() => () => undefined);
  const utils = await makeWorkerUtils({ pgPool, logger });
  await utils.migrate();
  const links = await openLinksTable(pgPool);
  const handle = makeLink(settings, links, events);
  let runner: Runner | undefined;
  const addMany = async (purchases: readonly Purchase[]): Promise<void> => {
    await utils.addJobs(purchases.map((payload) => ({ identifier: TASK, payload, jobKey: payload.requestId })));
  };
  return {
    describe: async () => `${versionOf('graphile-worker')}, ${await describePostgres(pgPool)}`,
    accept: async (purchase) => {
      await utils.addJob(TASK, purchase, { jobKey: purchase.requestId });
    },
    acceptMany: addMany,
    replay: addMany,
    work: async () => {
      // Its own way to hand back what a process that is gone had locked; by itself it waits four hours.
      const gone = await pgPool.query<{ locked_by: string }>(
        'SELECT DISTINCT locked_by FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL',
      );
      if (gone.rows.length > 0) await utils.forceUnlockWorkers(gone.rows.map(({ locked_by }) => locked_by));
      runner = await run({
        pgPool,
        logger,
        noHandleSignals: true,
        taskList: { [TASK]: (payload) => handle(payload as Purchase) },
        // The settings of worker.graphile.org/docs/performance, with our concurrency.
        preset: {
          worker: {
            concurrentJobs: settings.concurrency,
            maxPoolSize: POOL_SIZE,
            localQueue: { size: 500 },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          },
        },
      });
    },
    withoutLink: (requestIds) => links.missing(requestIds),
    close: async () => {
      await runner?.stop();
      await utils.release();
      await pgPool.end();
    },
  };
});

function reportError(error: Error): void {
  process.stderr.write(`graphile-worker: ${error.message}\n`);
}
