import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventBus } from '../ports/event-bus.ts';
import type { Schedule } from '../ports/topology-types.ts';

export interface ScheduleDeps {
  readonly eventBus: EventBus;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly log: Logger;
}

/**
 * Publishes the message of each schedule at its due times until `signal` aborts, as Cloud Scheduler does on Google
 * Cloud. Due times are those of the clock, every so many minutes from midnight UTC on: a restart moves none. A due time
 * that passes while the process is down, asleep or busy is left out, so nothing piles up. `everyMinutes` of 0 = never.
 */
export async function runSchedules(
  schedules: readonly Schedule[],
  deps: ScheduleDeps,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(schedules.map((schedule) => runSchedule(schedule, deps, signal)));
}

async function runSchedule(
  { name, topic, message, everyMinutes }: Schedule,
  { eventBus, clock, log }: ScheduleDeps,
  signal: AbortSignal,
): Promise<void> {
  const intervalMs = everyMinutes * 60_000;
  if (intervalMs === 0) return;
  const stopped = (): boolean => signal.aborted;
  for (let dueMs = nextDueMs(clock.now(), intervalMs); ; dueMs = nextDueMs(latest(dueMs, clock.now()), intervalMs)) {
    await clock.sleep(dueMs - clock.now(), signal);
    if (stopped()) return;
    try {
      await eventBus.publish(topic, message);
    } catch (error) {
      log.warn({ schedule: name, error }, 'a scheduled message is left out');
    }
  }

  /** A timer may fire a moment early: that due time is done. A clock that was set back begins anew. */
  function latest(dueMs: number, nowMs: number): number {
    return dueMs - nowMs > intervalMs ? nowMs : Math.max(dueMs, nowMs);
  }
}

function nextDueMs(afterMs: number, intervalMs: number): number {
  return (Math.floor(afterMs / intervalMs) + 1) * intervalMs;
}
