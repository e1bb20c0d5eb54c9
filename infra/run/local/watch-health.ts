import { ScheduledHealthCheck } from '@paid-community/shared/model/operations/scheduled-health-check.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';

/**
 * Asks for a health check in each interval until `signal` aborts, as Cloud Scheduler does on Google Cloud; 0 = never.
 */
export async function watchHealth(
  intervalMs: number,
  { eventBus, clock, log }: { readonly eventBus: EventBus; readonly clock: Clock; readonly log: Logger },
  signal: AbortSignal,
): Promise<void> {
  if (intervalMs === 0) return;
  const stopped = (): boolean => signal.aborted;
  for (;;) {
    await clock.sleep(intervalMs, signal);
    if (stopped()) return;
    try {
      await eventBus.publish(ScheduledHealthCheck.topic, ScheduledHealthCheck.message);
    } catch (error) {
      log.warn({ error }, 'the periodic health check is left out');
    }
  }
}
