import type { Subscription, Topic } from './topology-types.ts';

/**
 * What is published: a UTF-8 text (JSON by convention; with attributes at most 9 MB, Pub/Sub's limit of 10 MB less its
 * own overhead) and at most 100 attributes that can be read without parsing it (keys up to 256 bytes, values up to
 * 1,024).
 */
export interface OutgoingMessage {
  readonly data: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ReceivedMessage extends OutgoingMessage {
  /** Given by the bus at publish; the same for every delivery and every subscription. */
  readonly messageId: string;
  readonly publishTime: Date;
  /** 1-based; undefined where the bus does not count (the Pub/Sub emulator). */
  readonly deliveryAttempt: number | undefined;
  /**
   * How often the process has died while this one, of all that were at work, was the likely cause; absent: never. Only
   * where the backend shares its process with the handlers: elsewhere a delivery that gets no answer counts as an
   * attempt.
   */
  readonly processDeaths?: number;
}

/** Resolving acknowledges the message. Rejecting hands it back for redelivery with backoff. */
export type MessageHandler = (message: ReceivedMessage) => Promise<void>;

/**
 * Topics with durable subscriptions. Guarantees, on every backend:
 * - A resolved `publish` is on stable storage and will reach every subscription of the topic.
 * - Delivery is at least once, unordered, and may be concurrent, even of one and the same message.
 * - A rejected handler, one that outlasts the ack deadline, or a crash means redelivery after the
 *   subscription's backoff.
 * - After `maxDeliveryAttempts` rejections the message moves to the subscription's dead-letter topic
 *   with attributes that say where it came from (see delivery/dead-letter.ts), possibly more than once.
 * - Acknowledged messages are kept for the topic's retention time and can be delivered again with `seek`.
 *
 * Not guaranteed: order, exactly-once, a bound on the delay of a redelivery.
 */
export interface EventBus {
  /**
   * Returns the message id once the message is durable.
   * @throws RetryableError when the bus did not confirm it; it may have been stored all the same.
   * @throws PermanentError for a topic that the topology does not declare, or a message over the limits.
   */
  publish(topic: Topic, message: OutgoingMessage): Promise<string>;

  /**
   * Delivers again every retained message of the subscription published at or after `since`, acknowledged
   * or not. Messages published before `since` and not yet acknowledged may count as acknowledged from now
   * on (Pub/Sub does that): choose a time before the oldest undelivered message.
   * @throws RetryableError when the bus did not confirm it; PermanentError for an undeclared subscription.
   */
  seek(subscription: Subscription, since: Date): Promise<void>;
}
