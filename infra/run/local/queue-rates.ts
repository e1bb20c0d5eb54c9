import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import type { Topology } from '@paid-community/shared/platform/ports/topology-types.ts';
import { topology } from '@paid-community/shared/topology.ts';
import type { LocalConfig } from './settings.ts';

/** The topology, with the rates of the queue in front of Telegram as the settings have them. */
export function withQueueRates(values: LocalConfig['values']): Topology {
  const rates = {
    maxDispatchesPerSecond: values.TASKS_MAX_DISPATCHES_PER_SECOND,
    maxConcurrentDispatches: values.TASKS_MAX_CONCURRENT_DISPATCHES,
  };
  return {
    ...topology,
    queues: topology.queues.map((queue) => (queue.name === inviteQueue.name ? { ...queue, ...rates } : queue)),
  };
}
