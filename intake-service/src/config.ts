import {
  remoteTasks,
  settingsOfService,
  type ProcessSettings,
  type RemoteTaskSettings,
} from '@paid-community/shared/platform/config/gcp-settings.ts';
import { keys, namedKeys } from '@paid-community/shared/platform/config/parsers.ts';
import { retentionSettings } from '@paid-community/shared/retention-settings.ts';
import {
  type Config,
  type Environment,
  readConfig,
  setting,
  type ValuesOf,
} from '@paid-community/shared/platform/config/settings.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { PUBLIC_SERVICES } from '@paid-community/shared/topology.ts';

export const intakeSettings = {
  ...retentionSettings,
  INTAKE_API_KEYS: setting({
    description:
      'keys that may request links, comma-separated; with two at once a key can be changed without an outage; make them long and random',
    parse: keys(),
    secret: true,
    distinct: true,
  }),
  OPERATOR_API_KEYS: setting({
    description:
      'keys that open the operator API under /v1/ops, as name:key, comma-separated; the log says by name who did what',
    parse: namedKeys(),
    secret: (namedKey) => namedKey.slice(namedKey.indexOf(':') + 1),
    distinct: true,
  }),
};

export type IntakeConfig = ValuesOf<typeof intakeSettings>;

type IntakeProcessSettings = ProcessSettings<typeof intakeSettings, RemoteTaskSettings>;

export type IntakeProcessConfig = ValuesOf<IntakeProcessSettings>;

/** What this service reads when it runs by itself; the infrastructure program sets these variables. */
export function processSettings(environment: Environment): IntakeProcessSettings {
  const isPublic = PUBLIC_SERVICES.has('intake-service');
  return settingsOfService(
    { service: 'intake-service', isPublic, tasks: remoteTasks(inviteQueue), own: intakeSettings },
    environment,
  );
}

/**
 * What this service needs when it runs by itself. @throws ConfigError that lists everything that is missing or wrong.
 */
export function readProcessConfig(environment: Environment = process.env): Config<IntakeProcessSettings> {
  return readConfig(environment, processSettings(environment));
}
