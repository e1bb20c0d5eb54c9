import type { TypedMessageHandler } from '../delivery/message-handlers.ts';
import type { TypedTaskHandler } from '../delivery/task-handlers.ts';
import type { Route } from '../http/route.ts';
import type { Queue, Subscription } from '../ports/topology-types.ts';

/** A service as a table: what it answers, what it reacts to, what it executes, what it does by itself. */
export interface Service {
  readonly name: string;
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

/** A type that the topic declares and that has no handler here is acknowledged. */
export interface SubscriptionBinding {
  readonly subscription: Subscription;
  /** Made by `on`. */
  readonly handlers: readonly TypedMessageHandler[];
  /** See Consumers. */
  readonly isUrgent?: (() => boolean) | undefined;
}

export interface TaskBinding {
  readonly queue: Queue;
  /** Made by `onTask`. */
  readonly handlers: readonly TypedTaskHandler[];
}
