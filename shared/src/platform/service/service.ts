import type { Route } from '../http/route.ts';
import type { MessageHandler } from '../ports/event-bus.ts';
import type { TaskHandler } from '../ports/task-queue.ts';
import type { Queue, ServiceName, Subscription } from '../ports/topology-types.ts';

/** A service as a table: what it answers, what it reacts to, what it executes, what it does by itself. */
export interface Service {
  readonly name: ServiceName;
  readonly routes: readonly Route[];
  readonly subscriptions: readonly SubscriptionBinding[];
  readonly tasks: readonly TaskBinding[];
  /**
   * What it does by itself, from the moment the port is open: it ends soon after `signal` aborts, or when it is done.
   * It deals with the failures that it expects. One that it throws is logged, and the work begins again.
   */
  readonly background?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Lets go of what was opened for this service alone; called when nothing of it runs any more. */
  readonly close?: (() => void) | undefined;
}

export interface SubscriptionBinding {
  readonly subscription: Subscription;
  /** @throws PermanentError to park the message with the dead letters, anything else to have it delivered again. */
  readonly handle: MessageHandler;
}

export interface TaskBinding {
  readonly queue: Queue;
  /** @throws PermanentError to park the task with the dead letters, anything else to have it dispatched again. */
  readonly handle: TaskHandler;
}
