import { pushSettings, remoteTaskSettings, serviceSettings, taskSettings } from '@paid-community/shared/config/gcp-settings.ts';
import { listMatching } from '@paid-community/shared/config/parsers.ts';
import { retentionSettings } from '@paid-community/shared/config/retention-settings.ts';
import { readConfig, type Config, type Environment, type Setting, type ValuesOf } from '@paid-community/shared/config/settings.ts';

const NAMED_KEY = /^[A-Za-z0-9._@-]{1,64}:[\x21-\x2b\x2d-\x7e]+$/;

export const intakeSettings = {
  ...retentionSettings,
  INTAKE_API_KEYS: {
    description: 'keys that may request links, comma-separated; with two at once a key can be changed without an outage; make them long and random',
    parse: listMatching(/^[\x21-\x2b\x2d-\x7e]+$/, 'of printable characters without spaces'),
    secret: true,
  } as Setting<readonly string[]>,
  OPERATOR_API_KEYS: {
    description: 'keys that open the operator API under /v1/ops, as name:key, comma-separated; the log says the name of whoever did something',
    parse: listMatching(NAMED_KEY, 'name:key, the name of letters, digits and . _ @ -, the key of printable characters without spaces'),
    secret: (namedKey) => namedKey.slice(namedKey.indexOf(':') + 1),
  } as Setting<readonly string[]>,
};

export type IntakeConfig = ValuesOf<typeof intakeSettings>;

type ProcessSettings = typeof serviceSettings & ReturnType<typeof pushSettings> & ReturnType<typeof taskSettings> & typeof remoteTaskSettings & typeof intakeSettings;

/** What this service reads when it runs by itself; the infrastructure program sets these variables. */
export function processSettings(environment: Environment): ProcessSettings {
  const emulators = ['PUBSUB_EMULATOR_HOST', 'FIRESTORE_EMULATOR_HOST', 'CLOUD_TASKS_EMULATOR_HOST'];
  return { ...serviceSettings, ...pushSettings('intake-service', environment, emulators), ...taskSettings(environment), ...remoteTaskSettings, ...intakeSettings };
}

/** What this service needs when it runs by itself. @throws ConfigError that lists everything that is missing or wrong. */
export function readProcessConfig(environment: Environment = process.env): Config<ProcessSettings> {
  return readConfig(environment, processSettings(environment));
}
