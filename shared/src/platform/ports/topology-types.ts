/** The words of the topology. Its values are in topology.ts; tests of the ports bring values of their own. */

export interface Topic {
  readonly name: string;
  /**
   * The types of events that it carries. Absent: it carries messages of any form, as the dead letters do. A message of
   * any other type is a dead letter; one of these that a subscription has no handler for is acknowledged.
   */
  readonly types?: readonly string[];
  /** What its messages hold about people; absent = nothing. */
  readonly personalData?: readonly string[];
  /** How long a message stays replayable, acknowledged or not. Pub/Sub allows 10 minutes to 31 days. */
  readonly retentionSeconds: number;
  /**
   * Name of a further subscription, `archive-<topic>`, through which an operator reads what the topic retains, without
   * taking anything from anybody. Only Pub/Sub needs it: one to pull from, pushed to nobody, that never expires and has
   * no dead letters. Not in `Topology.subscriptions`.
   */
  readonly archiveSubscription?: string;
}

/** `Service` is the name of a service; the platform does not know which there are. */
export interface Subscription<Service extends string = string> {
  /** `<service>-<topic>`. */
  readonly name: string;
  readonly topic: Topic;
  readonly service: Service;
  /** A handler that has not answered by then counts as failed. For push this is the HTTP timeout; 10 to 600. */
  readonly ackDeadlineSeconds: number;
  /** Redelivery backoff: doubles from the minimum to the maximum. Pub/Sub allows 0 to 600. */
  readonly minBackoffSeconds: number;
  readonly maxBackoffSeconds: number;
  /**
   * Where a message goes that can never be processed, and after so many failed deliveries any (Pub/Sub: 5 to 100;
   * absent: it is retried for ever). Without dead letters everything is retried for ever.
   */
  readonly deadLetter?: { readonly topic: Topic; readonly maxDeliveryAttempts?: number };
  /**
   * The attribute that a message must have to be delivered; absent: all are. What nobody wants costs no delivery. It
   * cannot be changed afterwards.
   */
  readonly onlyWith?: string | undefined;
  /** Handlers at work at once in one process. */
  readonly maxConcurrency: number;
}

export interface Queue<Service extends string = string> {
  readonly name: string;
  readonly service: Service;
  /** The types of tasks that it carries. A task of any other type is a dead letter. Absent in tests of the port. */
  readonly types?: readonly string[];
  /** The type of a task whose payload names none. */
  readonly defaultType?: string;
  /** Path at which its service takes its tasks, where they come as HTTP calls; `/v1/tasks/<name>` by default. */
  readonly endpoint?: string | undefined;
  /** Where a task goes that can never be processed; without it, it is retried for ever. */
  readonly deadLetter?: { readonly topic: Topic };
  readonly maxDispatchesPerSecond: number;
  readonly maxConcurrentDispatches: number;
  /** A handler that has not answered by then counts as failed; Cloud Tasks allows 15 to 1,800. */
  readonly dispatchDeadlineSeconds: number;
  readonly minBackoffSeconds: number;
  readonly maxBackoffSeconds: number;
}

/** The owner of a collection in which each service writes one document. */
export const EACH_ITS_OWN = 'each service';

/** A message that is published at fixed times, by the process itself or by Cloud Scheduler. */
export interface Schedule {
  /** Also the name of the job of Cloud Scheduler. */
  readonly name: string;
  readonly description: string;
  readonly topic: Topic;
  /** The same each time. */
  readonly message: { readonly data: string; readonly attributes: Readonly<Record<string, string>> };
  /** Minutes between two due times. Cloud Scheduler's form of it needs a divisor of 60. */
  readonly everyMinutes: number;
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

/** Fields of a document; of every state of it, where its shape is a union. */
type FieldOf<T> = T extends unknown ? keyof T & string : never;

/** `T` is the shape of its documents. */
export interface Collection<T extends object> {
  readonly name: string;
  /** The service that writes it. Where each service has a document of its own: EACH_ITS_OWN. */
  readonly owner: string;
  /** Why an operator's command may write it, too; false where none may. */
  readonly operatorWrites: string | false;
  /** Other services that write it, each with the reason. */
  readonly otherWriters?: Readonly<Record<string, string>>;
  /** What the ids of its documents are made of. */
  readonly keyedBy: string;
  /** The fields that hold something about a person, or may hold it, each with what it is. */
  readonly personalFields: Readonly<Partial<Record<FieldOf<T>, string>>>;
  /**
   * What becomes of a person's document when the person's data is erased. tombstone: the document stays, so that nothing
   * comes back, and its personal fields are emptied.
   */
  readonly onErasure: 'delete' | 'tombstone' | { readonly keep: string };
  readonly indexes: readonly CollectionIndex[];
  /**
   * What a restored backup leaves out, because it says what may not be so any more since the backup was made: all
   * documents, or those whose field has this value.
   */
  readonly notFromBackup?: 'all' | { readonly field: string; readonly value: string };
  /**
   * The field that says from when on a document counts as absent, an ISO 8601 time in UTC with milliseconds; a document
   * without it stays. Firestore keeps it as a timestamp, deletes by it (a TTL policy, within about a day), and has no
   * index on it.
   */
  readonly ttlField?: string;
  /** Never present at run time: ties the name to the shape of its documents. */
  readonly shape?: T;
}

export interface Topology<Service extends string = string> {
  readonly topics: readonly Topic[];
  readonly subscriptions: readonly Subscription<Service>[];
  readonly queues: readonly Queue<Service>[];
  readonly collections: readonly Collection<object>[];
}
