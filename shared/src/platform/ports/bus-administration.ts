import type { Subscription, Topic } from './topology-types.ts';
import type { OutgoingMessage } from './event-bus.ts';

/** What a subscription has not acknowledged yet. */
export interface Backlog {
  readonly undelivered: number;
  /** When the oldest of these was published; undefined when there are none. */
  readonly oldestPublishTime: Date | undefined;
}

/** A named state of a subscription: what it had not acknowledged, and everything published to its topic since. */
export interface BusSnapshot {
  /** A letter, then 2 to 100 letters, digits and hyphens. */
  readonly name: string;
  /** Name of the topic. */
  readonly topic: string;
  /** From then on it is gone; the topic's retention time after the oldest message in it was published. */
  readonly expiresAt: Date;
}

export interface RetainedMessage extends OutgoingMessage {
  readonly messageId: string;
  readonly publishTime: Date;
}

export interface RetainedQuery {
  readonly topic: Topic;
  /** Published at or after this time; or what a snapshot of a subscription of this topic holds. */
  readonly from: Date | { readonly snapshot: string };
  /** Published before this time. */
  readonly until: Date;
  /** 1 to 1,000. */
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface RetainedPage {
  /** May be empty though there are further pages. */
  readonly messages: readonly RetainedMessage[];
  /** Undefined on the last page. */
  readonly nextCursor: string | undefined;
}

/**
 * What an operator may do with the bus, apart from what services do with it. Guarantees, on every backend:
 * - Nothing here publishes or acknowledges a message, except the two seeks (EventBus.seek and `seekToSnapshot`).
 * - `readRetained` gives every message of the range that was retained when the reading began, in any order, possibly
 *   twice.
 */
export interface BusAdministration {
  /**
   * Undefined where nobody knows: on the Pub/Sub emulator, or when Cloud Monitoring, which is some minutes behind, has
   * no figures yet.
   * @throws RetryableError, PermanentError as EventBus.seek
   */
  backlog(subscription: Subscription): Promise<Backlog | undefined>;

  /**
   * @throws ConflictError when the name is taken; PermanentError for a name of another form, or a backlog so old that
   * the snapshot would expire within the hour; RetryableError when the bus did not confirm it.
   */
  createSnapshot(name: string, subscription: Subscription): Promise<BusSnapshot>;

  /** Those that have not expired, of every topic of the topology. */
  listSnapshots(): Promise<readonly BusSnapshot[]>;

  /** Deleting what does not exist is a no-op. */
  deleteSnapshot(name: string): Promise<void>;

  /**
   * Delivers what the snapshot holds to a subscription of the same topic. What the snapshot does not hold may count as
   * acknowledged from now on, or may still be delivered.
   * @throws PermanentError when there is no such snapshot of this topic.
   */
  seekToSnapshot(subscription: Subscription, name: string): Promise<void>;

  /**
   * One page. Only one reading of a topic at a time: on Pub/Sub all of them share one archive subscription, so two
   * would each miss what the other one gets.
   * @throws PermanentError when there is no such snapshot, or the topic has no archive.
   */
  readRetained(query: RetainedQuery): Promise<RetainedPage>;

  /**
   * Removes retained messages for good, delivered or not, and returns how many there were. Undefined on Pub/Sub, which
   * has no way to: there they are gone when the topic's retention time is over.
   */
  removeRetained(topic: Topic, messageIds: readonly string[]): Promise<number | undefined>;
}
