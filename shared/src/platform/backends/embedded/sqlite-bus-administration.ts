import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { AlreadyExistsError, PermanentError } from '../../ports/errors.ts';
import type {
  Backlog,
  BusAdministration,
  BusSnapshot,
  RetainedMessage,
  RetainedPage,
  RetainedQuery,
} from '../../ports/bus-administration.ts';
import type { Subscription, Topic, Topology } from '../../ports/topology-types.ts';
import {
  checkRetainedQuery,
  checkSnapshotLife,
  checkSnapshotName,
  noSuchSnapshot,
  numberCursor,
  pairCursor,
} from '../bus-rules.ts';
import type { GroupCommit } from './group-commit.ts';
import type { SqliteEventBus } from './sqlite-event-bus.ts';
import type { StoreClock } from './store-clock.ts';

/** Rows written in one transaction, as in a seek. */
const BATCH = 2_000;

interface SnapshotRow extends Pick<BusSnapshot, 'name' | 'topic'> {
  readonly last_seq: number;
  readonly expires_at: number;
}

interface MessageRow {
  readonly seq: number;
  readonly published_at: number;
  readonly attributes: string;
  readonly data: string;
}

/** What is published and not yet acknowledged is in tables, so all of this is SQL. */
export class SqliteBusAdministration implements BusAdministration {
  readonly #writes: GroupCommit;
  readonly #eventBus: SqliteEventBus;
  readonly #clock: StoreClock;
  readonly #retentionMs: ReadonlyMap<string, number>;
  readonly #sql;

  constructor(
    database: DatabaseSync,
    writes: GroupCommit,
    eventBus: SqliteEventBus,
    topology: Topology,
    clock: StoreClock,
  ) {
    this.#writes = writes;
    this.#eventBus = eventBus;
    this.#clock = clock;
    this.#retentionMs = new Map(topology.topics.map((topic) => [topic.name, topic.retentionSeconds * 1_000]));
    this.#sql = prepareStatements(database);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, the engine is not
  async backlog(subscription: Subscription): Promise<Backlog> {
    this.#eventBus.requireSubscription(subscription);
    return this.#writes.read(() => {
      const { undelivered, oldest } = this.#sql.backlog.get(subscription.name) as {
        undelivered: number;
        oldest: number | null;
      };
      return { undelivered, oldestPublishTime: oldest === null ? undefined : this.#publishTime(oldest) };
    });
  }

  async createSnapshot(name: string, subscription: Subscription): Promise<BusSnapshot> {
    this.#eventBus.requireSubscription(subscription);
    checkSnapshotName(name);
    const topic = subscription.topic.name;
    return this.#writes.write(() => {
      const nowMs = this.#clock.now();
      if (this.#find(name) !== undefined) throw new AlreadyExistsError(`There is a snapshot ${name} already`);
      const { oldest } = this.#sql.backlog.get(subscription.name) as { oldest: number | null };
      const oldestMs = (oldest === null ? undefined : this.#publishTime(oldest)?.getTime()) ?? nowMs;
      const expiresAt = oldestMs + this.#retentionOf(subscription.topic);
      checkSnapshotLife(expiresAt, nowMs);
      this.#remove(name);
      const { last } = this.#sql.lastSeq.get() as { last: number | null };
      this.#sql.insertSnapshot.run(name, topic, last ?? 0, expiresAt);
      this.#sql.insertSnapshotMessages.run(name, subscription.name);
      return { name, topic, expiresAt: new Date(expiresAt) };
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, the engine is not
  async listSnapshots(): Promise<readonly BusSnapshot[]> {
    const rows = this.#writes.read(
      () => this.#sql.listSnapshots.all(this.#clock.believedNow()) as unknown as SnapshotRow[],
    );
    return rows
      .filter(({ topic }) => this.#retentionMs.has(topic))
      .map(({ name, topic, expires_at }) => ({ name, topic, expiresAt: new Date(expires_at) }));
  }

  async deleteSnapshot(name: string): Promise<void> {
    checkSnapshotName(name);
    await this.#writes.write(() => {
      this.#remove(name);
    });
  }

  async seekToSnapshot(subscription: Subscription, name: string): Promise<void> {
    this.#eventBus.requireSubscription(subscription);
    const snapshot = this.#require(name, subscription.topic);
    await this.#eventBus.redeliver(subscription, BATCH, (after) => {
      const rows = this.#sql.seqsOfSnapshot.all(name, subscription.topic.name, snapshot.last_seq, after, BATCH) as {
        seq: number;
      }[];
      for (const { seq } of rows) this.#sql.redeliver.run(seq, subscription.name, this.#clock.dueNow());
      return rows.length < BATCH ? undefined : rows.at(-1)?.seq;
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, the engine is not
  async readRetained(query: RetainedQuery): Promise<RetainedPage> {
    checkRetainedQuery(query);
    this.#retentionOf(query.topic);
    return query.from instanceof Date
      ? this.#readSince(query, query.from)
      : this.#readSnapshot(query, query.from.snapshot);
  }

  async removeRetained(topic: Topic, messageIds: readonly string[]): Promise<number> {
    this.#retentionOf(topic);
    return this.#writes.write(() => {
      let removed = 0;
      for (const id of messageIds) {
        // Out of another topic, or no number: not a message of this one.
        if (Number(this.#sql.removeMessage.run(Number(id), topic.name).changes) === 0) continue;
        this.#sql.removeDeliveries.run(Number(id));
        removed += 1;
      }
      return removed;
    }, messageIds.length * 2);
  }

  #readSince({ topic, until, limit, cursor }: RetainedQuery, since: Date): RetainedPage {
    const [publishedAt, seq] = cursor === undefined ? [since.getTime(), -1] : pairCursor.decode(cursor);
    const rows = this.#writes.read(
      () =>
        this.#sql.readSince.all(
          topic.name,
          publishedAt ?? 0,
          seq ?? -1,
          until.getTime(),
          limit,
        ) as unknown as MessageRow[],
    );
    const last = rows.length < limit ? undefined : rows.at(-1);
    return {
      messages: rows.map(toRetained),
      nextCursor: last === undefined ? undefined : pairCursor.encode([last.published_at, last.seq]),
    };
  }

  #readSnapshot({ topic, until, limit, cursor }: RetainedQuery, name: string): RetainedPage {
    const { last_seq: lastSeq } = this.#require(name, topic);
    const [after] = cursor === undefined ? [-1] : numberCursor.decode(cursor);
    const seqs = this.#writes.read(
      () => this.#sql.seqsOfSnapshot.all(name, topic.name, lastSeq, after ?? -1, limit) as { seq: number }[],
    );
    const rows = this.#writes.read(() =>
      seqs
        .map(({ seq }) => this.#sql.message.get(seq) as unknown as MessageRow | undefined)
        .filter((row) => row !== undefined && row.published_at < until.getTime()),
    ) as MessageRow[];
    const last = seqs.length < limit ? undefined : seqs.at(-1);
    return {
      messages: rows.map(toRetained),
      nextCursor: last === undefined ? undefined : numberCursor.encode([last.seq]),
    };
  }

  #publishTime(seq: number): Date | undefined {
    const row = this.#sql.message.get(seq) as MessageRow | undefined;
    return row === undefined ? undefined : new Date(row.published_at);
  }

  #find(name: string): SnapshotRow | undefined {
    const row = this.#sql.findSnapshot.get(name) as SnapshotRow | undefined;
    return row !== undefined && row.expires_at > this.#clock.believedNow() ? row : undefined;
  }

  #require(name: string, topic: Topic): SnapshotRow {
    const snapshot = this.#writes.read(() => this.#find(name));
    if (snapshot?.topic !== topic.name) throw noSuchSnapshot(name);
    return snapshot;
  }

  #remove(name: string): void {
    this.#sql.deleteSnapshot.run(name);
    this.#sql.deleteSnapshotMessages.run(name);
  }

  #retentionOf(topic: Topic): number {
    const retention = this.#retentionMs.get(topic.name);
    if (retention === undefined)
      throw new PermanentError('unknown_topic', `The topology declares no topic ${topic.name}`);
    return retention;
  }
}

function toRetained({ seq, published_at, attributes, data }: MessageRow): RetainedMessage {
  return {
    messageId: String(seq),
    publishTime: new Date(published_at),
    attributes: JSON.parse(attributes) as Record<string, string>,
    data,
  };
}

function prepareStatements(
  database: DatabaseSync,
): Record<
  | 'backlog'
  | 'message'
  | 'lastSeq'
  | 'findSnapshot'
  | 'insertSnapshot'
  | 'insertSnapshotMessages'
  | 'listSnapshots'
  | 'deleteSnapshot'
  | 'deleteSnapshotMessages'
  | 'seqsOfSnapshot'
  | 'redeliver'
  | 'readSince'
  | 'removeMessage'
  | 'removeDeliveries',
  StatementSync
> {
  return {
    backlog: database.prepare(
      'SELECT count(*) AS undelivered, min(seq) AS oldest FROM deliveries INDEXED BY deliveries_by_due WHERE subscription = ?',
    ),
    message: database.prepare('SELECT seq, published_at, attributes, data FROM messages WHERE seq = ?'),
    lastSeq: database.prepare('SELECT max(seq) AS last FROM messages'),
    findSnapshot: database.prepare('SELECT name, topic, last_seq, expires_at FROM snapshots WHERE name = ?'),
    insertSnapshot: database.prepare('INSERT INTO snapshots (name, topic, last_seq, expires_at) VALUES (?, ?, ?, ?)'),
    insertSnapshotMessages: database.prepare(
      'INSERT INTO snapshot_messages (snapshot, seq) SELECT ?, seq FROM deliveries INDEXED BY deliveries_by_due WHERE subscription = ?',
    ),
    listSnapshots: database.prepare(
      'SELECT name, topic, last_seq, expires_at FROM snapshots WHERE expires_at > ? ORDER BY name',
    ),
    deleteSnapshot: database.prepare('DELETE FROM snapshots WHERE name = ?'),
    deleteSnapshotMessages: database.prepare('DELETE FROM snapshot_messages WHERE snapshot = ?'),
    // What was waiting then and is still retained, then what came later.
    seqsOfSnapshot: database.prepare(
      `SELECT seq FROM (
         SELECT s.seq FROM snapshot_messages s JOIN messages m ON m.seq = s.seq WHERE s.snapshot = ?1 AND s.seq > ?4
         UNION ALL SELECT seq FROM messages WHERE topic = ?2 AND seq > max(?3, ?4)
       ) ORDER BY seq LIMIT ?5`,
    ),
    redeliver: database.prepare(
      `INSERT INTO deliveries (seq, subscription, attempts, due_at) VALUES (?, ?, 0, ?)
       ON CONFLICT (seq, subscription) DO UPDATE SET attempts = 0, due_at = excluded.due_at`,
    ),
    readSince: database.prepare(
      `SELECT seq, published_at, attributes, data FROM messages INDEXED BY messages_by_time
       WHERE topic = ? AND (published_at, seq) > (?, ?) AND published_at < ? ORDER BY published_at, seq LIMIT ?`,
    ),
    removeMessage: database.prepare('DELETE FROM messages WHERE seq = ? AND topic = ?'),
    removeDeliveries: database.prepare('DELETE FROM deliveries WHERE seq = ?'),
  };
}
