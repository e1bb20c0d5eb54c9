import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { exponentialBackoffMs } from '../../delivery/backoff.ts';
import { toDeadLetter } from '../../delivery/dead-letter.ts';
import { errorCode, errorMessage, PermanentError } from '../../ports/errors.ts';
import type { Logger } from '../../log/logger.ts';
import type { EventBus, MessageHandler, OutgoingMessage, ReceivedMessage } from '../../ports/event-bus.ts';
import type { Subscription, Topic, Topology } from '../../ports/topology-types.ts';
import { checkMessage } from '../message-limits.ts';
import type { DispatchSource } from './dispatch-loop.ts';
import type { GroupCommit } from './group-commit.ts';
import type { StoreClock } from './store-clock.ts';
import { parseStored } from './store-errors.ts';

/** Deliveries that a seek makes anew in one transaction; about 10 ms of work. */
const SEEK_BATCH = 2_000;

export const DUE_DELIVERIES =
  'SELECT seq FROM deliveries INDEXED BY deliveries_by_due WHERE subscription = ? AND due_at <= ? ORDER BY due_at, seq LIMIT ?';
export const NEXT_DELIVERY =
  'SELECT due_at FROM deliveries INDEXED BY deliveries_by_due WHERE subscription = ? AND due_at > ? ORDER BY due_at LIMIT 1';
export const LOAD_DELIVERY = `SELECT d.attempts, m.published_at, m.attributes, m.data
  FROM deliveries d JOIN messages m ON m.seq = d.seq WHERE d.seq = ? AND d.subscription = ?`;

const SEEK_RANGE = 'topic = ? AND (published_at, seq) > (?, ?) AND seq <= ?';
export const SEEK_BOUNDARY = `SELECT published_at, seq FROM messages INDEXED BY messages_by_time
  WHERE ${SEEK_RANGE} ORDER BY published_at, seq LIMIT 1 OFFSET ?`;
export const SEEK_INSERT = `INSERT INTO deliveries (subscription, attempts, due_at, seq)
  SELECT ?, 0, ?, seq FROM messages INDEXED BY messages_by_time WHERE ${SEEK_RANGE} ORDER BY published_at, seq LIMIT ?
  ON CONFLICT (seq, subscription) DO UPDATE SET attempts = 0, due_at = excluded.due_at`;

/** One delivery on its way to the handler. */
export interface DeliveryJob {
  readonly seq: number;
  readonly failedAttempts: number;
  readonly message: ReceivedMessage;
  /** Seeks of the subscription before this delivery was loaded. */
  readonly seeks: number;
}

/**
 * EventBus on two tables: what was published, and who has not acknowledged it yet. An attempt counts when it has
 * failed, or when the process has died of it (suspects.ts); one that a crash merely cut short does not.
 */
export class SqliteEventBus implements EventBus {
  readonly #writes: GroupCommit;
  readonly #clock: StoreClock;
  readonly #log: Logger;
  readonly #topics: ReadonlyMap<string, readonly Subscription[]>;
  readonly #subscriptions: ReadonlySet<string>;
  readonly #wakers = new Map<string, () => void>();
  readonly #seeks = new Map<string, number>();
  readonly #sql;

  constructor(database: DatabaseSync, writes: GroupCommit, topology: Topology, clock: StoreClock, log: Logger) {
    this.#writes = writes;
    this.#clock = clock;
    this.#log = log;
    this.#topics = new Map(
      topology.topics.map((topic) => [
        topic.name,
        topology.subscriptions.filter((subscription) => subscription.topic.name === topic.name),
      ]),
    );
    this.#subscriptions = new Set(topology.subscriptions.map((subscription) => subscription.name));
    this.#sql = prepareStatements(database);
  }

  async publish(topic: Topic, message: OutgoingMessage): Promise<string> {
    const { data } = message;
    const subscriptions = this.#subscriptionsOf(topic).filter(
      ({ onlyWith }) => onlyWith === undefined || message.attributes[onlyWith] !== undefined,
    );
    checkMessage(message);
    const attributes = JSON.stringify(message.attributes);
    const seq = await this.#writes.write(
      () => this.#insert(topic.name, subscriptions, attributes, data),
      1 + subscriptions.length,
    );
    this.#wake(subscriptions);
    // The sequence number is unique for the life of the store, and nobody outside sees message ids.
    return String(seq);
  }

  async seek(subscription: Subscription, since: Date): Promise<void> {
    this.requireSubscription(subscription);
    const { seekStart, seekBoundary, seekInsert } = this.#sql;
    let from: Position = { publishedAt: since.getTime(), seq: -1 };
    let lastSeq: number | undefined;
    await this.redeliver(subscription, SEEK_BATCH, () => {
      lastSeq ??= numberIn(seekStart.get(), 'seq') ?? 0;
      const range = [subscription.topic.name, from.publishedAt, from.seq, lastSeq] as const;
      const row = seekBoundary.get(...range, SEEK_BATCH - 1) as { published_at: number; seq: number } | undefined;
      seekInsert.run(subscription.name, this.#clock.dueNow(), ...range, SEEK_BATCH);
      if (row === undefined) return undefined;
      from = { publishedAt: row.published_at, seq: row.seq };
      return row.seq;
    });
  }

  /**
   * Calls `deliverBatch` in one transaction after the other, each time with what it returned, until that is undefined.
   * Outcomes of deliveries that started before the first count no more: see #outcome.
   */
  async redeliver(
    subscription: Subscription,
    rows: number,
    deliverBatch: (after: number) => number | undefined,
  ): Promise<void> {
    let after: number | undefined = -1;
    let isFirst = true;
    while (after !== undefined) {
      const from: number = after;
      after = await this.#writes.write(() => {
        if (isFirst) this.#seeks.set(subscription.name, this.#seeksOf(subscription) + 1);
        isFirst = false;
        return deliverBatch(from);
      }, rows);
      this.#wake([subscription]);
    }
  }

  /** `onWork` is called whenever the subscription gets something to deliver. */
  sourceOf(subscription: Subscription, handle: MessageHandler, onWork: () => void): DispatchSource<DeliveryJob> {
    this.requireSubscription(subscription);
    this.#wakers.set(subscription.name, onWork);
    const { name } = subscription;
    const { due, next } = this.#sql;
    return {
      name,
      dueKeys: (nowMs, limit) => (due.all(name, nowMs, limit) as { seq: number }[]).map((row) => row.seq),
      nextDueAt: (nowMs) => numberIn(next.get(name, nowMs), 'due_at'),
      load: (seq, processDeaths) => this.#load(subscription, seq, processDeaths),
      handle: async (job) => handle(job.message),
      succeeded: (job) => this.#acknowledge(subscription, job),
      failed: (job, error) => this.#fail(subscription, job, error),
    };
  }

  #load(subscription: Subscription, seq: number, processDeaths: number): DeliveryJob | undefined {
    const row = this.#sql.load.get(seq, subscription.name) as DeliveryRow | undefined;
    if (row === undefined) return undefined;
    return {
      seq,
      failedAttempts: row.attempts,
      seeks: this.#seeksOf(subscription),
      message: {
        messageId: String(seq),
        publishTime: new Date(row.published_at),
        attributes: parseStored(row.attributes) as Record<string, string>,
        data: row.data,
        deliveryAttempt: row.attempts + processDeaths + 1,
        ...(processDeaths > 0 ? { processDeaths } : {}),
      },
    };
  }

  #acknowledge(subscription: Subscription, job: DeliveryJob): Promise<void> {
    return this.#outcome(subscription, job, 1, () => {
      this.#sql.remove.run(job.seq, subscription.name);
    });
  }

  async #fail(subscription: Subscription, job: DeliveryJob, error: unknown): Promise<void> {
    const failedAttempts = job.failedAttempts + 1;
    const { deadLetter } = subscription;
    if (deadLetter !== undefined && failedAttempts >= (deadLetter.maxDeliveryAttempts ?? Number.POSITIVE_INFINITY)) {
      await this.#park(subscription, deadLetter.topic, job, failedAttempts, error);
      return;
    }
    const backoffMs = exponentialBackoffMs(
      failedAttempts,
      subscription.minBackoffSeconds * 1_000,
      subscription.maxBackoffSeconds * 1_000,
    );
    await this.#outcome(subscription, job, 1, () => {
      this.#sql.retry.run(failedAttempts, this.#clock.dueNow() + backoffMs, job.seq, subscription.name);
    });
  }

  /** The dead letter and the end of the delivery are one transaction: neither is lost, neither happens alone. */
  async #park(
    subscription: Subscription,
    topic: Topic,
    job: DeliveryJob,
    attempts: number,
    error: unknown,
  ): Promise<void> {
    const code = errorCode(error);
    const letter = toDeadLetter(job.message, {
      source: subscription.name,
      attempts,
      code,
      reason: errorMessage(error),
    });
    const receivers = this.#subscriptionsOf(topic);
    await this.#outcome(subscription, job, 2 + receivers.length, () => {
      this.#insert(topic.name, receivers, JSON.stringify(letter.attributes), letter.data);
      this.#sql.remove.run(job.seq, subscription.name);
    });
    this.#log.warn(
      { subscription: subscription.name, messageId: job.message.messageId, attempts, code },
      'message moved to the dead letters',
    );
    this.#wake(receivers);
  }

  /**
   * A seek that came after this delivery started wants the message delivered once more; an outcome stored now would
   * undo that. The row is left as it is, and due.
   */
  #outcome(subscription: Subscription, job: DeliveryJob, rows: number, store: () => void): Promise<void> {
    return this.#writes.write(() => {
      if (this.#seeksOf(subscription) === job.seeks) store();
    }, rows);
  }

  #insert(topic: string, subscriptions: readonly Subscription[], attributes: string, data: string): number {
    const dueMs = this.#clock.dueNow();
    const seq = Number(this.#sql.publish.run(topic, this.#clock.now(), attributes, data).lastInsertRowid);
    for (const subscription of subscriptions) this.#sql.deliver.run(seq, subscription.name, dueMs);
    return seq;
  }

  #wake(subscriptions: readonly Subscription[]): void {
    for (const subscription of subscriptions) this.#wakers.get(subscription.name)?.();
  }

  #seeksOf(subscription: Subscription): number {
    return this.#seeks.get(subscription.name) ?? 0;
  }

  #subscriptionsOf(topic: Topic): readonly Subscription[] {
    const subscriptions = this.#topics.get(topic.name);
    if (subscriptions === undefined)
      throw new PermanentError('unknown_topic', `The topology declares no topic ${topic.name}`);
    return subscriptions;
  }

  /** @throws PermanentError */
  requireSubscription(subscription: Subscription): void {
    if (this.#subscriptions.has(subscription.name)) return;
    throw new PermanentError('unknown_subscription', `The topology declares no subscription ${subscription.name}`);
  }
}

interface Position {
  readonly publishedAt: number;
  readonly seq: number;
}

interface DeliveryRow {
  readonly attempts: number;
  readonly published_at: number;
  readonly attributes: string;
  readonly data: string;
}

function prepareStatements(
  database: DatabaseSync,
): Record<
  'publish' | 'deliver' | 'due' | 'next' | 'load' | 'remove' | 'retry' | 'seekStart' | 'seekBoundary' | 'seekInsert',
  StatementSync
> {
  return {
    publish: database.prepare('INSERT INTO messages (topic, published_at, attributes, data) VALUES (?, ?, ?, ?)'),
    deliver: database.prepare('INSERT INTO deliveries (seq, subscription, attempts, due_at) VALUES (?, ?, 0, ?)'),
    due: database.prepare(DUE_DELIVERIES),
    next: database.prepare(NEXT_DELIVERY),
    load: database.prepare(LOAD_DELIVERY),
    remove: database.prepare('DELETE FROM deliveries WHERE seq = ? AND subscription = ?'),
    retry: database.prepare('UPDATE deliveries SET attempts = ?, due_at = ? WHERE seq = ? AND subscription = ?'),
    seekStart: database.prepare('SELECT max(seq) AS seq FROM messages'),
    seekBoundary: database.prepare(SEEK_BOUNDARY),
    seekInsert: database.prepare(SEEK_INSERT),
  };
}

function numberIn(row: Record<string, unknown> | undefined, column: string): number | undefined {
  const value = row?.[column];
  return typeof value === 'number' ? value : undefined;
}
