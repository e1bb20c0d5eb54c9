import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { exponentialBackoffMs } from '../../delivery/backoff.ts';
import { PermanentError } from '../../ports/errors.ts';
import type { QueueAdministration, QueueDescription } from '../../ports/queue-administration.ts';
import type { OutgoingTask, ReceivedTask, TaskHandler, TaskQueue } from '../../ports/task-queue.ts';
import type { Queue, Topology } from '../../ports/topology-types.ts';
import type { DispatchSource } from './dispatch-loop.ts';
import type { GroupCommit } from './group-commit.ts';
import type { StoreClock } from './store-clock.ts';
import { checkTask } from '../task-limits.ts';

/** How long the name of a finished task stays taken. */
export const NAME_BLOCKED_MS = 3_600_000;

export const DUE_TASKS =
  'SELECT seq FROM tasks INDEXED BY tasks_by_due WHERE queue = ? AND due_at <= ? AND finished_at IS NULL ORDER BY due_at, seq LIMIT ?';
export const NEXT_TASK =
  'SELECT due_at FROM tasks INDEXED BY tasks_by_due WHERE queue = ? AND due_at > ? AND finished_at IS NULL ORDER BY due_at LIMIT 1';

/** One task on its way to the handler. */
export interface TaskJob {
  readonly seq: number;
  readonly failedAttempts: number;
  readonly task: ReceivedTask;
}

/** TaskQueue on one table; a finished task stays, without payload, while its name is blocked. */
export class SqliteTaskQueue implements TaskQueue, QueueAdministration {
  readonly #writes: GroupCommit;
  readonly #clock: StoreClock;
  readonly #queues: ReadonlyMap<string, Queue>;
  readonly #paused: Set<string>;
  readonly #wakers = new Map<string, () => void>();
  readonly #sql;

  constructor(database: DatabaseSync, writes: GroupCommit, topology: Topology, clock: StoreClock) {
    this.#writes = writes;
    this.#clock = clock;
    this.#queues = new Map(topology.queues.map((queue) => [queue.name, queue]));
    this.#sql = prepareStatements(database);
    this.#paused = new Set((this.#sql.paused.all() as { queue: string }[]).map((row) => row.queue));
  }

  async enqueue(queue: Queue, task: OutgoingTask): Promise<'created' | 'exists'> {
    this.#requireQueue(queue);
    const { name, payload, notBefore } = task;
    checkTask(task, this.#clock.now());
    const dueAt = this.#clock.dueAt(notBefore);
    const changes = await this.#writes.write(
      () =>
        this.#sql.enqueue.run(queue.name, name, dueAt, payload, this.#clock.believedNow() - NAME_BLOCKED_MS).changes,
    );
    if (changes === 0) return 'exists';
    this.#wakers.get(queue.name)?.();
    return 'created';
  }

  /** `onWork` is called whenever the queue gets a task. */
  sourceOf(queue: Queue, handle: TaskHandler, onWork: () => void): DispatchSource<TaskJob> {
    this.#requireQueue(queue);
    this.#wakers.set(queue.name, onWork);
    const { due, next, finish, retry } = this.#sql;
    return {
      name: queue.name,
      // The loop stops with what it has fetched, and is woken by resume.
      dueKeys: (nowMs, limit) =>
        this.#paused.has(queue.name)
          ? []
          : (due.all(queue.name, nowMs, limit) as { seq: number }[]).map((row) => row.seq),
      nextDueAt: (nowMs) =>
        this.#paused.has(queue.name)
          ? undefined
          : (next.get(queue.name, nowMs) as { due_at: number } | undefined)?.due_at,
      load: (seq, processDeaths) => (this.#paused.has(queue.name) ? undefined : this.#load(seq, processDeaths)),
      handle: async (job) => handle(job.task),
      succeeded: (job) =>
        this.#writes.write(() => {
          finish.run(this.#clock.believedNow(), job.seq);
        }),
      failed: (job) => {
        const failedAttempts = job.failedAttempts + 1;
        const backoffMs = exponentialBackoffMs(
          failedAttempts,
          queue.minBackoffSeconds * 1_000,
          queue.maxBackoffSeconds * 1_000,
        );
        return this.#writes.write(() => {
          retry.run(failedAttempts, this.#clock.dueNow() + backoffMs, job.seq);
        });
      },
    };
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, the engine is not
  async describe(queue: Queue): Promise<QueueDescription> {
    const { maxDispatchesPerSecond, maxConcurrentDispatches } = this.#requireQueue(queue);
    const row = this.#writes.read(() => this.#sql.waiting.get(queue.name) as { waiting: number });
    return {
      state: this.#paused.has(queue.name) ? 'paused' : 'running',
      maxDispatchesPerSecond,
      maxConcurrentDispatches,
      waiting: row.waiting,
    };
  }

  async pause(queue: Queue): Promise<void> {
    this.#requireQueue(queue);
    await this.#writes.write(() => this.#sql.pause.run(queue.name));
    this.#paused.add(queue.name);
  }

  async resume(queue: Queue): Promise<void> {
    this.#requireQueue(queue);
    await this.#writes.write(() => this.#sql.resume.run(queue.name));
    this.#paused.delete(queue.name);
    this.#wakers.get(queue.name)?.();
  }

  #load(seq: number, processDeaths: number): TaskJob | undefined {
    const row = this.#sql.load.get(seq) as { name: string; attempts: number; payload: string } | undefined;
    if (row === undefined) return undefined;
    return {
      seq,
      failedAttempts: row.attempts,
      task: {
        name: row.name,
        payload: row.payload,
        attemptNumber: row.attempts + processDeaths + 1,
        ...(processDeaths > 0 ? { processDeaths } : {}),
      },
    };
  }

  #requireQueue(queue: Queue): Queue {
    const declared = this.#queues.get(queue.name);
    if (declared !== undefined) return declared;
    throw new PermanentError('unknown_queue', `The topology declares no queue ${queue.name}`);
  }
}

function prepareStatements(
  database: DatabaseSync,
): Record<
  'enqueue' | 'due' | 'next' | 'load' | 'finish' | 'retry' | 'waiting' | 'paused' | 'pause' | 'resume',
  StatementSync
> {
  return {
    // The second half takes over a name whose hour is up but which the sweep has not reached yet.
    enqueue: database.prepare(
      `INSERT INTO tasks (queue, name, attempts, due_at, payload) VALUES (?, ?, 0, ?, ?)
       ON CONFLICT (queue, name) DO UPDATE SET attempts = 0, due_at = excluded.due_at, payload = excluded.payload, finished_at = NULL
       WHERE finished_at <= ?`,
    ),
    due: database.prepare(DUE_TASKS),
    next: database.prepare(NEXT_TASK),
    load: database.prepare('SELECT name, attempts, payload FROM tasks WHERE seq = ? AND finished_at IS NULL'),
    finish: database.prepare(`UPDATE tasks SET finished_at = ?, payload = '' WHERE seq = ?`),
    retry: database.prepare('UPDATE tasks SET attempts = ?, due_at = ? WHERE seq = ?'),
    waiting: database.prepare(
      'SELECT count(*) AS waiting FROM tasks INDEXED BY tasks_by_due WHERE queue = ? AND finished_at IS NULL',
    ),
    paused: database.prepare('SELECT queue FROM paused_queues'),
    pause: database.prepare('INSERT INTO paused_queues (queue) VALUES (?) ON CONFLICT DO NOTHING'),
    resume: database.prepare('DELETE FROM paused_queues WHERE queue = ?'),
  };
}
