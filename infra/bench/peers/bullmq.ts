import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Purchase } from '../comparison/side/job-side.ts';
import { makeLink } from '../comparison/side/make-link.ts';
import { serveSide } from '../comparison/side/serve-side.ts';
import { versionOf } from './version-of.ts';

const QUEUE = 'make-link';
const LINKS = 'links';

serveSide(async (settings, events) => {
  const connection = { url: settings.store };
  const redis = new Redis(settings.store, { maxRetriesPerRequest: null });
  const queue = new Queue<Purchase>(QUEUE, {
    connection,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: false, attempts: 3 },
  });
  await queue.waitUntilReady();
  const handle = makeLink(
    settings,
    {
      has: async (requestId) => (await redis.hexists(LINKS, requestId)) === 1,
      record: async (purchase, inviteLink) => {
        await redis.hsetnx(
          LINKS,
          purchase.requestId,
          JSON.stringify({ ...purchase, inviteLink, createdAt: new Date().toISOString() }),
        );
      },
    },
    events,
  );
  let worker: Worker<Purchase> | undefined;
  const addMany = async (purchases: readonly Purchase[]): Promise<void> => {
    for (let from = 0; from < purchases.length; from += 1_000) {
      await queue.addBulk(
        purchases.slice(from, from + 1_000).map((data) => ({ name: QUEUE, data, opts: { jobId: data.requestId } })),
      );
    }
  };
  return {
    describe: async () => {
      const server = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';
      const [, appendOnly] = await redis.config('GET', 'appendonly');
      const [, appendFsync] = await redis.config('GET', 'appendfsync');
      return `${versionOf('bullmq')}, ${versionOf('ioredis')}, Redis ${server}, appendonly=${appendOnly ?? '?'}, appendfsync=${appendFsync ?? '?'}`;
    },
    accept: async (purchase) => {
      await queue.add(QUEUE, purchase, { jobId: purchase.requestId });
    },
    acceptMany: addMany,
    replay: addMany,
    work: async () => {
      worker = new Worker<Purchase>(QUEUE, (job) => handle(job.data), {
        connection: { ...connection, maxRetriesPerRequest: null },
        concurrency: settings.concurrency,
      });
      worker.on('error', (error) => {
        process.stderr.write(`bullmq: ${String(error)}\n`);
      });
      await worker.waitUntilReady();
    },
    withoutLink: async (requestIds) => {
      const found = await redis.hmget(LINKS, ...requestIds);
      return found.filter((link) => link === null).length;
    },
    close: async () => {
      await worker?.close();
      await queue.close();
      redis.disconnect();
    },
  };
});
