import type { OutgoingMessage } from '../../platform/ports/event-bus.ts';

/**
 * What a timer publishes: a scheduler outside (Cloud Scheduler) sends the same bytes each time, so it can make no event
 * with an id and a time.
 */
export const SCHEDULED_HEALTH_CHECK: OutgoingMessage = { data: '{}', attributes: { type: 'ScheduledHealthCheck' } };

/**
 * The periodic check: soon enough for somebody to act within the day for which Telegram keeps updates, and rare enough
 * to cost nothing.
 */
export const HEALTH_CHECK_MINUTES = 10;
