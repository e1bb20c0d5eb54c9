import { defineTick } from '../../platform/delivery/define-tick.ts';
import { healthChecks } from '../topics.ts';

/** The question of a timer: how are the services and the outside? */
export const ScheduledHealthCheck = defineTick({ type: 'ScheduledHealthCheck', topic: healthChecks });
