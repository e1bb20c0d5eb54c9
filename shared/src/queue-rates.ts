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
/** What Cloud Tasks allows a queue. */
const MOST_PER_SECOND = 500;
const MOST_AT_ONCE = 5_000;

/**
 * The queues with the rates of the settings; those that no setting names keep their own. The settings are for one bot,
 * and this is the only place where they become those of the queue: each bot has room for the calls that it has under
 * way and for those that wait, so that no bot stands in another's way.
 */
export function withQueueRates(
  queues: readonly Queue[],
  { TASKS_MAX_DISPATCHES_PER_SECOND: perSecond, TASKS_MAX_CONCURRENT_DISPATCHES: atOnce }: QueueRates,
  bots = 1,
): readonly Queue[] {
  const rates = {
    maxDispatchesPerSecond: bots === 1 ? perSecond : Math.min(MOST_PER_SECOND, bots * perSecond),
    maxConcurrentDispatches: Math.min(MOST_AT_ONCE, bots * (atOnce + WAITING_PER_BOT) + BEING_TOLD),
  };
  return queues.map((queue) => (queue.name === inviteQueue.name ? { ...queue, ...rates } : queue));
}
