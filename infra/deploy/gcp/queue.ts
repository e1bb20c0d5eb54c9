import { Queue } from '@pulumi/gcp/cloudtasks/queue.js';
import { topology } from '@paid-community/shared/topology.ts';
import type { Context } from './context.ts';

/** The throttle in front of Telegram. A queue's name is blocked for up to three days after its deletion. */
export function declareQueues({ config, project, region, after }: Context): ReadonlyMap<string, Queue> {
  const { TASKS_MAX_DISPATCHES_PER_SECOND, TASKS_MAX_CONCURRENT_DISPATCHES } = config.values;
  return new Map(
    topology.queues.map(({ name, minBackoffSeconds, maxBackoffSeconds }) => [
      name,
      new Queue(
        name,
        {
          project,
          location: region,
          name,
          rateLimits: {
            maxDispatchesPerSecond: TASKS_MAX_DISPATCHES_PER_SECOND,
            maxConcurrentDispatches: TASKS_MAX_CONCURRENT_DISPATCHES,
          },
          retryConfig: {
            minBackoff: `${minBackoffSeconds}s`,
            maxBackoff: `${maxBackoffSeconds}s`,
            // Never given up: a task that Cloud Tasks drops would be a purchase without a link and without a dead
            // letter.
            maxAttempts: -1,
          },
        },
        // An operator may have paused it; that is not for the next `up` to undo.
        { ...after('cloudtasks'), ignoreChanges: ['desiredState'] },
      ),
    ]),
  );
}
