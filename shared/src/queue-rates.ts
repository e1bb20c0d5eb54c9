import { inviteQueue } from './model/queues.ts';
import type { Queue } from './platform/ports/topology-types.ts';

/** The settings that give the queue in front of Telegram its rates. */
export interface QueueRates {
  readonly TASKS_MAX_DISPATCHES_PER_SECOND: number;
  readonly TASKS_MAX_CONCURRENT_DISPATCHES: number;
}

/** Where several communities want turns, so many calls of a bot wait for theirs in their handlers. */
export const WAITING_PER_BOT = 3;
/** So many tasks more may be told when their turn is, while all bots call. */
const BEING_TOLD = 2;

export interface QueueBounds {
  readonly perSecond: number;
  readonly atOnce: number;
}

/** https://docs.cloud.google.com/tasks/docs/quotas */
const CLOUD_TASKS: QueueBounds = { perSecond: 500, atOnce: 5_000 };
/** The queue of the embedded backend has no bounds of its own. */
export const NO_BOUNDS: QueueBounds = { perSecond: Infinity, atOnce: Infinity };

/**
 * The queues with the rates of the settings; those that no setting names keep their own. The settings are for one bot,
 * and this is the only place where they become those of the queue: each bot has room for the calls that it has under
 * way and for those that wait, so that no bot stands in another's way.
 */
export function withQueueRates(
  queues: readonly Queue[],
  { TASKS_MAX_DISPATCHES_PER_SECOND: perSecond, TASKS_MAX_CONCURRENT_DISPATCHES: atOnce }: QueueRates,
  bots = 1,
  bounds: QueueBounds = CLOUD_TASKS,
): readonly Queue[] {
  const rates = {
    maxDispatchesPerSecond: bots === 1 ? perSecond : Math.min(bounds.perSecond, bots * perSecond),
    maxConcurrentDispatches: Math.min(bounds.atOnce, bots * (atOnce + WAITING_PER_BOT) + BEING_TOLD),
  };
  return queues.map((queue) => (queue.name === inviteQueue.name ? { ...queue, ...rates } : queue));
}
