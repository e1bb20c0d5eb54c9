import { pushSettings, serviceSettings } from '@paid-community/shared/config/gcp-settings.ts';
import { listMatching } from '@paid-community/shared/config/parsers.ts';
import { readConfig, type Config, type Environment, type Setting, type ValuesOf } from '@paid-community/shared/config/settings.ts';

export const intakeSettings = {
  INTAKE_API_KEYS: {
    description: 'keys that may request links, comma-separated; with two at once a key can be changed without an outage; make them long and random',
    parse: listMatching(/^[\x21-\x2b\x2d-\x7e]+$/, 'of printable characters without spaces'),
    secret: true,
  } as Setting<readonly string[]>,
};

export type IntakeConfig = ValuesOf<typeof intakeSettings>;

type ProcessSettings = typeof serviceSettings & ReturnType<typeof pushSettings> & typeof intakeSettings;

/** What this service reads when it runs by itself; the infrastructure program sets these variables. */
export function processSettings(environment: Environment): ProcessSettings {
  return { ...serviceSettings, ...pushSettings(environment), ...intakeSettings };
}

/** What this service needs when it runs by itself. @throws ConfigError that lists everything that is missing or wrong. */
export function readProcessConfig(environment: Environment = process.env): Config<ProcessSettings> {
  return readConfig(environment, processSettings(environment));
}
