import { LEAST_RETENTION_DAYS } from './model/retention.ts';
import { integer } from './platform/config/parsers.ts';
import { setting } from './platform/config/settings.ts';

/** For every service that writes documents about people and purchases. */
export const retentionSettings = {
  RETENTION_DAYS: setting({
    description: `days until requests, links, joins, what was sent to WebEngage and dead letters are deleted; at least ${LEAST_RETENTION_DAYS}, longer than messages are kept for replay`,
    parse: integer(LEAST_RETENTION_DAYS, 36_500),
    fallback: 400,
  }),
};
