import { createHistogram, performance } from 'node:perf_hooks';
import { latencyOf, recordMs } from '../statistics.ts';
import { Connection } from './connection.ts';
import type { ClosedLoad, LoadJob, LoadResult, OpenLoad } from './job.ts';
import { purchaseRequests } from './purchases.ts';
import { updateRequests, updateStatus } from './updates.ts';

/** Connections of an open loop. More requests than this wait in the generator, and their wait counts. */
const OPEN_LOOP_CONNECTIONS = 256;
const TICK_MS = 1;
const ACCEPTED = 202;

export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const run = new Run(job);
  if (job.load.kind === 'closed') await closedLoop(job.load, run);
  else await openLoop(job.load, run);
  return run.result();
}

class Run {
  readonly startedAt = performance.now();
  readonly connections: Connection[] = [];
  sent = 0;
  readonly #requestOf: (index: number) => string;
  readonly #statusOf: (index: number) => number;
  readonly #port: number;
  readonly #refused: number[] = [];
  readonly #latency = createHistogram();
  #endedAt = this.startedAt;

  constructor(job: LoadJob) {
    const updates = job.traffic === 'updates';
    this.#requestOf = updates ? updateRequests(job) : purchaseRequests(job);
    this.#statusOf = updates ? updateStatus : () => ACCEPTED;
    this.#port = job.port;
  }

  connect(): Connection {
    const connection = new Connection(this.#port);
    this.connections.push(connection);
    return connection;
  }

  /** `dueAt` is where the latency starts: a request that leaves late because others were slow has waited, too. */
  send(connection: Connection, dueAt: number, onDone: () => void): void {
    const index = this.sent;
    this.sent += 1;
    connection.send(this.#requestOf(index), (status) => {
      this.#endedAt = performance.now();
      recordMs(this.#latency, this.#endedAt - dueAt);
      if (status !== this.#statusOf(index)) this.#refused.push(index);
      onDone();
    });
  }

  result(): LoadResult {
    for (const connection of this.connections) connection.close();
    return {
      sent: this.sent,
      refused: this.#refused,
      startedAtMs: performance.timeOrigin + this.startedAt,
      elapsedMs: this.#endedAt - this.startedAt,
      latency: latencyOf(this.#latency),
    };
  }
}

async function closedLoop(load: ClosedLoad, run: Run): Promise<void> {
  const endsAt = run.startedAt + load.maxDurationMs;
  await Promise.all(
    Array.from({ length: load.connections }, () => {
      const connection = run.connect();
      return new Promise<void>((resolve) => {
        const next = (): void => {
          const now = performance.now();
          if (run.sent >= (load.maxRequests ?? Infinity) || now >= endsAt) resolve();
          else run.send(connection, now, next);
        };
        next();
      });
    }),
  );
}

async function openLoop(load: OpenLoad, run: Run): Promise<void> {
  const total = Math.round((load.requestsPerSecond * load.durationMs) / 1_000);
  const idle = Array.from({ length: OPEN_LOOP_CONNECTIONS }, () => run.connect());
  let answered = 0;
  await new Promise<void>((resolve) => {
    const sendDue = (): void => {
      const due = Math.min(
        total,
        1 + Math.floor(((performance.now() - run.startedAt) * load.requestsPerSecond) / 1_000),
      );
      while (run.sent < due) {
        const connection = idle.pop();
        if (connection === undefined) return;
        run.send(connection, run.startedAt + (run.sent * 1_000) / load.requestsPerSecond, () => {
          idle.push(connection);
          answered += 1;
          if (answered === total) finish();
          else sendDue();
        });
      }
    };
    const timer = setInterval(sendDue, TICK_MS);
    const finish = (): void => {
      clearInterval(timer);
      resolve();
    };
  });
}
