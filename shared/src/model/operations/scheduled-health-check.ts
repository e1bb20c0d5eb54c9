import { defineTick } from '../../platform/delivery/define-tick.ts';
import { healthChecks } from '../topics.ts';

/** The question of a timer: how are the services and the outside? */
export const ScheduledHealthCheck = defineTick({ type: 'ScheduledHealthCheck', topic: healthChecks });

/**
 * The periodic check: soon enough for somebody to act within the day for which Telegram keeps updates, and rare enough
 * to cost nothing.
 */
export const HEALTH_CHECK_MINUTES = 10;
