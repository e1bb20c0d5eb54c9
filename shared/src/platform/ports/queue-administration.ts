import type { Queue } from './topology-types.ts';

export interface QueueDescription {
  readonly state: 'running' | 'paused';
  /** The rates in force. */
  readonly maxDispatchesPerSecond: number;
  readonly maxConcurrentDispatches: number;
  /** Tasks that are not finished; undefined where nobody knows (see BusAdministration.backlog). */
  readonly waiting: number | undefined;
}

/**
 * What an operator may do with a queue. A pause is durable: it holds across restarts until `resume`. Tasks at work when
 * it begins are finished, and a paused queue takes new ones.
 */
export interface QueueAdministration {
  /** @throws RetryableError when the queue did not answer; PermanentError for an undeclared one. */
  describe(queue: Queue): Promise<QueueDescription>;
  /** Pausing a paused queue changes nothing. */
  pause(queue: Queue): Promise<void>;
  /** Resuming a running queue changes nothing. */
  resume(queue: Queue): Promise<void>;
}
