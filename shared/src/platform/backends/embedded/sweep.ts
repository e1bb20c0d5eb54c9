import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '../../log/logger.ts';
import type { Collection, Topic, Topology } from '../../ports/topology-types.ts';
import { isExpired } from '../document-rules.ts';
import type { GroupCommit } from './group-commit.ts';
import { NAME_BLOCKED_MS } from './sqlite-task-queue.ts';
import type { StoreClock } from './store-clock.ts';
import { parseStored } from './store-errors.ts';

/** Between two sweeps. */
export const SWEEP_INTERVAL_MS = 60_000;
/** Rows looked at in one transaction (a few milliseconds), and the pause after it: about 20,000 rows a second. */
const BATCH_ROWS = 500;
const BATCH_PAUSE_MS = 25;

export const EXPIRED_MESSAGES = `SELECT seq, published_at FROM messages INDEXED BY messages_by_time
  WHERE topic = ? AND (published_at, seq) > (?, ?) AND published_at < ? ORDER BY published_at, seq LIMIT ${BATCH_ROWS}`;
/**
 * All documents are walked, in the order in which they lie in the file: an index on the time would make every write
 * dearer, all day, for what is done once a day. A walk of a million documents is a minute of short pieces.
 */
const NEXT_DOCUMENTS = `SELECT seq, collection, version, data FROM documents WHERE seq > ? ORDER BY seq LIMIT ${BATCH_ROWS}`;
/** By its version: it may have been written anew since it was read. */
const REMOVE_DOCUMENT = 'DELETE FROM documents WHERE seq = ? AND version = ?';
/** Between two walks, and after a start. Firestore, too, deletes within about a day. */
export const DOCUMENT_SWEEP_INTERVAL_MS = 24 * 3_600_000;
export const REMOVE_EXPIRED_TASKS = `DELETE FROM tasks WHERE seq IN
  (SELECT seq FROM tasks INDEXED BY tasks_by_finish WHERE finished_at IS NOT NULL AND finished_at <= ? LIMIT ${BATCH_ROWS})`;

interface SweptMessage {
  readonly seq: number;
  readonly published_at: number;
}

interface SweptDocument {
  readonly seq: number;
  readonly collection: string;
  readonly version: string;
  readonly data: string;
}

/**
 * Removes what nobody can ask for any more: messages past their topic's retention that every subscription has
 * acknowledged, finished tasks whose name is free again, snapshots and documents whose time has passed. The file does
 * not get smaller: SQLite keeps the pages and fills them again.
 */
export class Sweep {
  readonly #writes: GroupCommit;
  readonly #topology: Topology;
  readonly #collections: ReadonlyMap<string, Collection<object>>;
  readonly #clock: StoreClock;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #sql;
  #running: Promise<void> | undefined;
  #documentsSweptAtMs = Number.NEGATIVE_INFINITY;

  constructor(database: DatabaseSync, writes: GroupCommit, topology: Topology, clock: StoreClock, log: Logger) {
    this.#writes = writes;
    this.#topology = topology;
    this.#collections = new Map(topology.collections.map((collection) => [collection.name, collection]));
    this.#clock = clock;
    this.#log = log;
    this.#sql = {
      expired: database.prepare(EXPIRED_MESSAGES),
      subscriptions: database.prepare('SELECT subscription FROM deliveries WHERE seq = ?'),
      // Also those of subscriptions that the topology has dropped: nobody will ever acknowledge them.
      removeDeliveries: database.prepare('DELETE FROM deliveries WHERE seq = ?'),
      removeMessage: database.prepare('DELETE FROM messages WHERE seq = ?'),
      removeTasks: database.prepare(REMOVE_EXPIRED_TASKS),
      removeSnapshotMessages: database.prepare(
        'DELETE FROM snapshot_messages WHERE snapshot IN (SELECT name FROM snapshots WHERE expires_at <= ?)',
      ),
      removeSnapshots: database.prepare('DELETE FROM snapshots WHERE expires_at <= ?'),
      documents: database.prepare(NEXT_DOCUMENTS),
      removeDocument: database.prepare(REMOVE_DOCUMENT),
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
        await this.#sweepSnapshots();
        await this.#sweepDocuments();
      } catch (error) {
        if (!this.#stopped()) this.#log.warn({ error }, 'sweep put off');
      }
      await this.#clock.sleep(SWEEP_INTERVAL_MS, signal);
    } while (!this.#stopped());
  }

  async #sweepTopic(topic: Topic): Promise<void> {
    const keepSinceMs = this.#clock.believedNow() - topic.retentionSeconds * 1_000;
    let after: SweptMessage = { published_at: -1, seq: -1 };
    for (;;) {
      const batch = this.#writes.read(
        () =>
          this.#sql.expired.all(topic.name, after.published_at, after.seq, keepSinceMs) as unknown as SweptMessage[],
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
      const removed = await this.#writes.write(
        () => this.#sql.removeTasks.run(this.#clock.believedNow() - NAME_BLOCKED_MS).changes,
        BATCH_ROWS,
      );
      if (Number(removed) < BATCH_ROWS || (await this.#pauseOrStop())) return;
    }
  }

  async #sweepSnapshots(): Promise<void> {
    await this.#writes.write(() => {
      this.#sql.removeSnapshotMessages.run(this.#clock.believedNow());
      this.#sql.removeSnapshots.run(this.#clock.believedNow());
    });
  }

  async #sweepDocuments(): Promise<void> {
    if (this.#stopped() || this.#clock.monotonicMs() - this.#documentsSweptAtMs < DOCUMENT_SWEEP_INTERVAL_MS) return;
    const startedAtMs = this.#clock.monotonicMs();
    let after = -1;
    for (;;) {
      const batch = this.#writes.read(() => this.#sql.documents.all(after) as unknown as SweptDocument[]);
      const last = batch.at(-1);
      if (last === undefined) break;
      after = last.seq;
      const expired = this.#writes.read(() => batch.filter((document) => this.#isExpired(document)));
      if (expired.length > 0) {
        await this.#writes.write(() => {
          for (const { seq, version } of expired) this.#sql.removeDocument.run(seq, version);
        }, expired.length);
      }
      if (await this.#pauseOrStop()) return;
    }
    // The store itself has been overwritten where something was deleted (secure_delete).
    this.#writes.emptyLog();
    this.#documentsSweptAtMs = startedAtMs;
  }

  #isExpired({ collection, data }: SweptDocument): boolean {
    const declared = this.#collections.get(collection);
    return (
      declared?.ttlField !== undefined && isExpired(declared, parseStored(data) as object, this.#clock.believedNow())
    );
  }

  async #pauseOrStop(): Promise<boolean> {
    await this.#clock.sleep(BATCH_PAUSE_MS, this.#stopping.signal);
    return this.#stopped();
  }

  #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }
}
