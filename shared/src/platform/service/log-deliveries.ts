import type { DeliveryOutcome, ReceivedDelivery } from '../delivery/received-delivery.ts';
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports/clock.ts';

/** One line for each delivery: how long it took, and how it ended. */
export async function logDelivery(
  { source, id, attemptNumber, processDeaths }: ReceivedDelivery,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  work: () => Promise<DeliveryOutcome>,
): Promise<DeliveryOutcome> {
  const startedAt = clock.monotonicMs();
  const line = (ended: object): object => {
    const durationMs = Math.round(clock.monotonicMs() - startedAt);
    return { source, id, attemptNumber, processDeaths, durationMs, ...ended };
  };
  try {
    const ended = await work();
    if (ended.outcome === 'dead_lettered') log.error(line(ended), 'delivery');
    else log.debug(line(ended), 'delivery');
    return ended;
  } catch (error) {
    log.warn(line({ outcome: 'handed_back', error }), 'delivery');
    throw error;
  }
}
