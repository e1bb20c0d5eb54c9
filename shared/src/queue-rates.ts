import { inviteQueue } from './model/queues.ts';
import type { Queue } from './platform/ports/topology-types.ts';

/** The settings that give the queue in front of Telegram other rates. */
export interface QueueRates {
  readonly TASKS_MAX_DISPATCHES_PER_SECOND: number;
  readonly TASKS_MAX_CONCURRENT_DISPATCHES: number;
}

/** The queues with the rates of the settings; those that no setting names keep their own. */
export function withQueueRates(
  queues: readonly Queue[],
  {
    TASKS_MAX_DISPATCHES_PER_SECOND: maxDispatchesPerSecond,
    TASKS_MAX_CONCURRENT_DISPATCHES: maxConcurrentDispatches,
  }: QueueRates,
): readonly Queue[] {
  return queues.map((queue) =>
    queue.name === inviteQueue.name ? { ...queue, maxDispatchesPerSecond, maxConcurrentDispatches } : queue,
  );
}
