import type { OutgoingMessage } from '../ports/event-bus.ts';
import type { PermanentError } from '../ports/errors.ts';

/** One delivery of a message or a task, as logs, measurements and dead letters see it. */
export interface ReceivedDelivery {
  /** Name of the subscription or queue. */
  readonly source: string;
  /** Event id or task name. */
  readonly id: string;
  /** Given by the bus; the task name once more. */
  readonly messageId: string;
  readonly attemptNumber: number;
  readonly processDeaths: number | undefined;
  /** Trace context that came with it. */
  readonly traceparent: string | undefined;
  /** What it is about, a requestId in most cases; undefined where it does not say. */
  readonly subject: string | undefined;
  /** What becomes a dead letter when it can never be processed. */
  readonly original: OutgoingMessage;
}

/** How a delivery ended that is not handed back. `not_wanted` = the service has no handler for this type. */
export type DeliveryOutcome =
  | { readonly outcome: 'acknowledged' | 'not_wanted' }
  | { readonly outcome: 'dead_lettered'; readonly error: PermanentError };
