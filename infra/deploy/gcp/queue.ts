import { Queue } from '@pulumi/gcp/cloudtasks/queue.js';
import type { Context } from './context.ts';

/** Each with its own rates. A queue's name is blocked for up to three days after its deletion. */
export function declareQueues({ queues, project, region, after }: Context): ReadonlyMap<string, Queue> {
  return new Map(
    queues.map(({ name, minBackoffSeconds, maxBackoffSeconds, ...rates }) => [
      name,
      new Queue(
        name,
        {
          project,
          location: region,
          name,
          rateLimits: {
            maxDispatchesPerSecond: rates.maxDispatchesPerSecond,
            maxConcurrentDispatches: rates.maxConcurrentDispatches,
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
