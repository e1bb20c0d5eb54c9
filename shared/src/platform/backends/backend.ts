import type { Route } from '../http/route.ts';
import type { ClockAdministration } from '../ports/clock-administration.ts';
import type { BusAdministration } from '../ports/bus-administration.ts';
import type { DocumentStore } from '../ports/document-store.ts';
import type { EventBus, MessageHandler } from '../ports/event-bus.ts';
import type { QueueAdministration } from '../ports/queue-administration.ts';
import type { StoreAdministration } from '../ports/store-administration.ts';
import type { TaskHandler, TaskQueue } from '../ports/task-queue.ts';
import type { Queue, Subscription } from '../ports/topology-types.ts';

/** What the services of this process consume. */
export interface Consumers {
  readonly subscriptions: readonly {
    readonly subscription: Subscription;
    readonly handle: MessageHandler;
    /** Its deliveries are not held back now, also while many requests are being answered. */
    readonly isUrgent?: (() => boolean) | undefined;
  }[];
  readonly tasks: readonly { readonly queue: Queue; readonly handle: TaskHandler }[];
}

/** Deliveries under way, from `deliverTo` to `stop`. */
export interface Delivery {
  /** Push endpoints to mount on the HTTP server; none where the backend delivers from loops of its own. */
  readonly routes: readonly Route[];
  /**
   * No new delivery starts from now on. Resolves when the deliveries under way have finished, or after `drainMs`. An
   * unfinished one is delivered again later.
   */
  stop(drainMs: number): Promise<void>;
}

/** For operators only: what services have no business with. */
export interface Administration {
  readonly bus: BusAdministration;
  readonly queue: QueueAdministration;
  readonly store: StoreAdministration;
  /** Absent where the store has a clock of its own. */
  readonly clock?: ClockAdministration;
}

/** The three ports on one engine, and their life. */
export interface Backend {
  readonly eventBus: EventBus;
  readonly taskQueue: TaskQueue;
  readonly store: DocumentStore;
  readonly administration: Administration;
  /**
   * Starts delivery; call once. While `isBusy` says that many requests are being answered, a backend that delivers from
   * loops of this process holds back what is not urgent: acknowledging comes before working off.
   */
  deliverTo(consumers: Consumers, isBusy?: () => boolean): Delivery;
  /** @throws RetryableError when the engine does not answer, or cannot make a write durable. */
  checkReady(): Promise<void>;
  /** Waits for writes under way, then lets go of files and connections. A second call changes nothing. */
  close(): Promise<void>;
}
