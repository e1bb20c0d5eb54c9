import {
  noTasks,
  settingsOfService,
  type ProcessSettings,
} from '@paid-community/shared/platform/config/gcp-settings.ts';
import { confidentialRootUrl, integer, matching, oneOf } from '@paid-community/shared/platform/config/parsers.ts';
import { retentionSettings } from '@paid-community/shared/retention-settings.ts';
import {
  type Config,
  type Environment,
  readConfig,
  setting,
  type ValuesOf,
} from '@paid-community/shared/platform/config/settings.ts';
import { storeOwnerSettings } from '@paid-community/shared/store-owner/settings.ts';
import { PUBLIC_SERVICES } from '@paid-community/shared/topology.ts';

export const eventEmitterSettings = {
  ...retentionSettings,
  ...storeOwnerSettings,
  WEBENGAGE_LICENSE_CODE: setting({
    description: 'licence code of the WebEngage account, from its Integrations page',
    parse: matching(/^[A-Za-z0-9~_-]+$/, 'letters, digits, ~, _ and - only'),
  }),
  WEBENGAGE_API_KEY: setting({
    description: 'API key of the WebEngage account',
    parse: matching(/^[\x21-\x7e]{8,}$/, 'at least 8 printable characters without spaces'),
    secret: true,
    distinct: true,
  }),
  WEBENGAGE_API_ROOT: setting({
    description:
      'https://api.webengage.com, https://api.in.webengage.com (India) or https://api.ksa.webengage.com: the data centre of the account',
    parse: confidentialRootUrl(),
    fallback: 'https://api.webengage.com',
  }),
  WEBENGAGE_EVENTS_PER_MINUTE: setting({
    description:
      'calls of WebEngage a minute, evenly spaced; its limit for an account is 5000: less when others use the account too, and the share of each where several processes send events',
    parse: integer(1, 1_000_000),
    fallback: 5_000,
  }),
  WEBENGAGE_USER_ATTRIBUTES: setting({
    description:
      'whether membershipStatus, membershipPlan, membershipExpiresAt and telegramUserId of WebEngage users are kept as their memberships are; a call more for each event of a membership',
    parse: oneOf('true', 'false'),
    fallback: 'true',
  }),
};

export type EventEmitterConfig = ValuesOf<typeof eventEmitterSettings>;

type EventEmitterProcessSettings = ProcessSettings<typeof eventEmitterSettings, object>;

export type EventEmitterProcessConfig = ValuesOf<EventEmitterProcessSettings>;

/** What this service reads when it runs by itself; the infrastructure program sets these variables. */
export function processSettings(environment: Environment): EventEmitterProcessSettings {
  const isPublic = PUBLIC_SERVICES.has('event-emitter');
  return settingsOfService(
    { service: 'event-emitter', isPublic, tasks: noTasks, own: eventEmitterSettings },
    environment,
  );
}

/**
 * What this service needs when it runs by itself. @throws ConfigError that lists everything that is missing or wrong.
 */
export function readProcessConfig(environment: Environment = process.env): Config<EventEmitterProcessSettings> {
  return readConfig(environment, processSettings(environment));
}
