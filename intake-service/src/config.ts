import {
  pushSettings,
  remoteTaskSettings,
  serviceSettings,
  taskSettings,
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
      'keys that open the operator API under /v1/ops, as name:key, comma-separated; the log says the name of whoever did something',
    parse: namedKeys(),
    secret: (namedKey) => namedKey.slice(namedKey.indexOf(':') + 1),
    distinct: true,
  }),
};

export type IntakeConfig = ValuesOf<typeof intakeSettings>;

type ProcessSettings = typeof serviceSettings &
  ReturnType<typeof pushSettings> &
  ReturnType<typeof taskSettings> &
  typeof remoteTaskSettings &
  typeof intakeSettings;

/** What this service reads when it runs by itself; the infrastructure program sets these variables. */
export function processSettings(environment: Environment): ProcessSettings {
  const emulators = ['PUBSUB_EMULATOR_HOST', 'FIRESTORE_EMULATOR_HOST', 'CLOUD_TASKS_EMULATOR_HOST'];
  return {
    ...serviceSettings,
    ...pushSettings('intake-service', environment, emulators),
    ...taskSettings(environment),
    ...remoteTaskSettings,
    ...intakeSettings,
  };
}

/**
 * What this service needs when it runs by itself. @throws ConfigError that lists everything that is missing or wrong.
 */
export function readProcessConfig(environment: Environment = process.env): Config<ProcessSettings> {
  return readConfig(environment, processSettings(environment));
}
