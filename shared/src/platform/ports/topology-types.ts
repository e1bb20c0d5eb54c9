/** The words of the topology. Its values are in topology.ts; tests of the ports bring values of their own. */

export type ServiceName = 'intake-service' | 'link-worker' | 'join-tracker' | 'event-emitter';

export interface Topic {
  readonly name: string;
  /**
   * The types of events that it carries. Absent: it carries messages of any form, as the dead letters do. A message of
   * any other type is a dead letter; one of these that a subscription has no handler for is acknowledged.
   */
  readonly types?: readonly string[];
  /** How long a message stays replayable, acknowledged or not. Pub/Sub allows 10 minutes to 31 days. */
  readonly retentionSeconds: number;
  /**
   * Name of a further subscription, `archive-<topic>`, through which an operator reads what the topic retains, without
   * taking anything from anybody. Only Pub/Sub needs it: one to pull from, pushed to nobody, that never expires and has
   * no dead letters. Not in `Topology.subscriptions`.
   */
  readonly archiveSubscription?: string;
}

export interface Subscription {
  /** `<service>-<topic>`. */
  readonly name: string;
  readonly topic: Topic;
  readonly service: ServiceName;
  /** A handler that has not answered by then counts as failed. For push this is the HTTP timeout; 10 to 600. */
  readonly ackDeadlineSeconds: number;
  /** Redelivery backoff: doubles from the minimum to the maximum. Pub/Sub allows 0 to 600. */
  readonly minBackoffSeconds: number;
  readonly maxBackoffSeconds: number;
  /** Where a message goes after so many failed deliveries (Pub/Sub: 5 to 100); without it, retried for ever. */
  readonly deadLetter?: { readonly topic: Topic; readonly maxDeliveryAttempts: number };
  /** Handlers at work at once in one process. */
  readonly maxConcurrency: number;
}

export interface Queue {
  readonly name: string;
  readonly service: ServiceName;
  readonly maxDispatchesPerSecond: number;
  readonly maxConcurrentDispatches: number;
  /** A handler that has not answered by then counts as failed; Cloud Tasks allows 15 to 1,800. */
  readonly dispatchDeadlineSeconds: number;
  readonly minBackoffSeconds: number;
  readonly maxBackoffSeconds: number;
}

/** A query is served only by an index of exactly its `where` fields and its order field. */
export interface CollectionIndex {
  readonly where: readonly string[];
  readonly orderBy: string;
  /**
   * Few documents have the order field, so that it pays to leave the others out when embedded, as Firestore does
   * anyway. Such an index cannot count.
   */
  readonly sparse?: true;
}

/** `T` is the shape of its documents. */
export interface Collection<T extends object> {
  readonly name: string;
  readonly writtenBy: ServiceName | 'each service its own';
  readonly indexes: readonly CollectionIndex[];
  /**
   * The field that says from when on a document counts as absent, an ISO 8601 time in UTC with milliseconds; a document
   * without it stays. Firestore keeps it as a timestamp, deletes by it (a TTL policy, within about a day), and has no
   * index on it.
   */
  readonly ttlField?: string;
  /** Never present at run time: ties the name to the shape of its documents. */
  readonly shape?: T;
}

export interface Topology {
  readonly topics: readonly Topic[];
  readonly subscriptions: readonly Subscription[];
  readonly queues: readonly Queue[];
  readonly collections: readonly Collection<object>[];
}
