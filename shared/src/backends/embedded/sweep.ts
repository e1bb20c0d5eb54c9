import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '../../log/logger.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Topic, Topology } from '../../topology-types.ts';
import type { GroupCommit } from './group-commit.ts';
import { NAME_BLOCKED_MS } from './sqlite-task-queue.ts';

/** Between two sweeps. */
export const SWEEP_INTERVAL_MS = 60_000;
/** Rows looked at in one transaction (a few milliseconds), and the pause after it: about 20,000 rows a second. */
const BATCH_ROWS = 500;
const BATCH_PAUSE_MS = 25;

export const EXPIRED_MESSAGES = `SELECT seq, published_at FROM messages INDEXED BY messages_by_time
  WHERE topic = ? AND (published_at, seq) > (?, ?) AND published_at < ? ORDER BY published_at, seq LIMIT ${BATCH_ROWS}`;
export const REMOVE_EXPIRED_TASKS = `DELETE FROM tasks WHERE seq IN
  (SELECT seq FROM tasks INDEXED BY tasks_by_finish WHERE finished_at IS NOT NULL AND finished_at <= ? LIMIT ${BATCH_ROWS})`;

interface SweptMessage {
  readonly seq: number;
  readonly published_at: number;
}

/**
 * Removes what nobody can ask for any more: messages past their topic's retention that every subscription has
 * acknowledged, and finished tasks whose name is free again.
 */
export class Sweep {
  readonly #writes: GroupCommit;
  readonly #topology: Topology;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #sql;
  #running: Promise<void> | undefined;

  constructor(database: DatabaseSync, writes: GroupCommit, topology: Topology, clock: Clock, log: Logger) {
    this.#writes = writes;
    this.#topology = topology;
    this.#clock = clock;
    this.#log = log;
    this.#sql = {
      expired: database.prepare(EXPIRED_MESSAGES),
      subscriptions: database.prepare('SELECT subscription FROM deliveries WHERE seq = ?'),
      // Also those of subscriptions that the topology has dropped: nobody will ever acknowledge them.
      removeDeliveries: database.prepare('DELETE FROM deliveries WHERE seq = ?'),
      removeMessage: database.prepare('DELETE FROM messages WHERE seq = ?'),
      removeTasks: database.prepare(REMOVE_EXPIRED_TASKS),
    };
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    do {
      try {
        for (const topic of this.#topology.topics) await this.#sweepTopic(topic);
        await this.#sweepTasks();
      } catch (error) {
        if (!this.#stopped()) this.#log.warn({ error }, 'sweep put off');
      }
      await this.#clock.sleep(SWEEP_INTERVAL_MS, signal);
    } while (!this.#stopped());
  }

  async #sweepTopic(topic: Topic): Promise<void> {
    const keepSinceMs = this.#clock.now() - topic.retentionSeconds * 1_000;
    let after: SweptMessage = { published_at: -1, seq: -1 };
    for (;;) {
      const batch = this.#writes.read(
        () => this.#sql.expired.all(topic.name, after.published_at, after.seq, keepSinceMs) as unknown as SweptMessage[],
      );
      const last = batch.at(-1);
      if (last === undefined) return;
      after = last;
      await this.#writes.write(() => {
        for (const message of batch) this.#removeUnlessNeeded(message);
      }, batch.length);
      if (await this.#pauseOrStop()) return;
    }
  }

  #removeUnlessNeeded({ seq }: SweptMessage): void {
    const waiting = this.#sql.subscriptions.all(seq) as { subscription: string }[];
    const needed = waiting.some((row) => this.#topology.subscriptions.some(({ name }) => name === row.subscription));
    if (needed) return;
    if (waiting.length > 0) this.#sql.removeDeliveries.run(seq);
    this.#sql.removeMessage.run(seq);
  }

  async #sweepTasks(): Promise<void> {
    for (;;) {
      const removed = await this.#writes.write(() => this.#sql.removeTasks.run(this.#clock.now() - NAME_BLOCKED_MS).changes, BATCH_ROWS);
      if (Number(removed) < BATCH_ROWS || (await this.#pauseOrStop())) return;
    }
  }

  async #pauseOrStop(): Promise<boolean> {
    await this.#clock.sleep(BATCH_PAUSE_MS, this.#stopping.signal);
    return this.#stopped();
  }

  #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }
}
