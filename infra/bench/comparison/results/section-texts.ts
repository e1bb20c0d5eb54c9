import { whole } from '../../statistics.ts';
import type { SectionId, SectionResult } from './result.ts';

interface SectionText {
  readonly title: string;
  /** What is done and by whom; the paragraphs above the table. */
  readonly about: (sizes: SectionResult['sizes']) => readonly string[];
}

/** What stays the same from run to run. Numbers come from the run. */
export const sectionTexts: Readonly<Record<SectionId, SectionText>> = {
  intake: {
    title: '1. Durable intake',
    about: ({ connections = 0, seconds = 0 }) => [
      `\`POST /v1/invite/request\` over ${connections} keep-alive connections for ${seconds} s, from a load generator in a process of its own. Every server answers 202 only when the purchase is on the disk, and every server writes the same two rows into SQLite (WAL), synced before the answer: by synchronous=FULL, ours by a sync of the log of its own.`,
      '- **ours, intake-service alone**: routing, key, body limits, validation, event, group commit. **ours, whole system**: the same, in one process with link-worker and all else, which records every request meanwhile.',
      '- **node:http, group commit**: no check of anything; what waits in a turn of the event loop shares one fsync. **one fsync each**: the same with a transaction for each request. **Express**: the same checks as ours, in Express 5, on the group commit of the bare server.',
    ],
  },
  jobs: {
    title: '2. Purchase to link recorded',
    about: ({ purchases = 0, concurrency = 0, acceptsAtOnce = 0, steadySeconds = 0 }) => [
      `${whole(purchases)} purchases, ${acceptsAtOnce} accepted at once, each by itself and each acknowledged only when it is durable, and worked off meanwhile with up to ${concurrency} calls to an unlimited fake Telegram under way; then ${steadySeconds} s at a fixed rate. One Node process for each side, with the same HTTP client and Node's own settings (\`npm start\` keeps the young generation at 4 MiB, which saves memory, and section 1 has it); peers have their server beside it.`,
      '- **Each peer**: add a job under the id of the purchase (a repeat adds none); the handler looks whether the link of this purchase is recorded, else calls Telegram, records the link durably, and the job is completed.',
      '- **Ours does more for each purchase**: it publishes an event (kept a week for replay), records the request, queues a task, calls Telegram, records link and request in one commit, publishes the event “link created”, and finishes the task. Nothing of that is switched off here; only the HTTP server in front is missing, which section 1 measures. What its p99 is made of: [decision 36](../../docs/decisions/0036-documents-in-order-of-creation.md).',
      '- **graphile-worker** runs with local queue and batched completion as its performance page has it, **pg-boss** with LISTEN/NOTIFY, batches of 50 and burst mode, **BullMQ** with its concurrency setting. A PostgreSQL pool has 20 connections.',
    ],
  },
  rate: {
    title: '3. Drain efficiency',
    about: () => [
      'What share of the links that an all-knowing sender could have made is made, against hidden limits, on a virtual clock (`npm run bench:rate`); the machine plays no part in it.',
    ],
  },
  webhook: {
    title: '4. Webhook filter',
    about: ({ updates = 0, joins = 0, connections = 0 }) => [
      `${whole(updates)} updates over ${connections} connections: 95 % of no interest (messages, people who leave), 1 % forged, 4 % joins through known links (${whole(joins)}), each of which is recorded and published durably before it is answered. The bare server parses the same bodies and answers; it neither checks nor stores anything. “Koa” does the same with Koa, its router and koa-body.`,
    ],
  },
  replay: {
    title: '5. Replay of what is done',
    about: ({ messages = 0, concurrency = 0 }) => [
      `${whole(messages)} purchases once, then all of them again when all have their link; up to ${concurrency} at once. No replay may call Telegram.`,
      '- **Ours** seeks the subscription back: the messages are still there, and each is delivered, found done and acknowledged. **The peers** keep no messages, so the same jobs are added once more in batches of 1,000, and each handler finds its link recorded.',
    ],
  },
  crash: {
    title: '6. Crash recovery',
    about: ({ inFlight = 0 }) => [
      `${whole(inFlight)} jobs whose call to Telegram is under way; SIGKILL to the process, a new one at once, and the time until every link is recorded. The servers of the peers stay up.`,
      '- **Ours** keeps leases in memory: whatever was not finished is due at the next start. **graphile-worker** waits four hours for a lost worker by itself; here it is told at start which workers are gone (`forceUnlockWorkers`). **pg-boss** notices by a heartbeat, with the least that it allows (10 s), looked at every second and polled twice a second. **BullMQ** finds stalled jobs with its default of 30 s.',
    ],
  },
  queued: {
    title: '7. A long queue',
    about: ({ jobs = 0, concurrency = 0 }) => [
      `${whole(jobs)} jobs queued, then process and server are started anew and the jobs delivered to a handler that does nothing, ${concurrency} at once. Memory counts process and server, shared pages once; disk is what the data folder has grown by a second after the last job was queued, log files included.`,
    ],
  },
  history: {
    title: '8. How cost grows with the past',
    about: ({ purchases = 0, messages = 0 }) => [
      `Ours only: ${whole(purchases)} purchases and a steady rate as in section 2, on a store that holds the past of a shop: documents of finished purchases (request, link, emission), and their messages of the last week (${whole(messages)} in the largest).`,
    ],
  },
};
