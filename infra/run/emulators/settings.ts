import {
  ConfigError,
  type Environment,
  readSettings,
  setting,
} from '@paid-community/shared/platform/config/settings.ts';
import { matching } from '@paid-community/shared/platform/config/parsers.ts';
import { withQueueRates } from '@paid-community/shared/queue-rates.ts';
import { botTokensOf } from '@paid-community/shared/telegram/bot-tokens.ts';
import { SERVICES, topology } from '@paid-community/shared/topology.ts';
import type { Topology } from '@paid-community/shared/platform/ports/topology-types.ts';
import { refusePorts } from '../local/contradictions.ts';
import { readLocalSettings, SIMULATION_API_KEY, type LocalConfig } from '../local/settings.ts';

const cloudSettings = {
  GCP_PROJECT: setting({
    description: 'project id on the emulators; any will do, and no real project is touched',
    parse: matching(/^[a-z0-9][a-z0-9:.-]{0,98}[a-z0-9]$/, 'a project id such as demo-paid-community'),
    fallback: 'demo-paid-community',
  }),
  GCP_LOCATION: setting({
    description: 'region in the names of the queues',
    parse: matching(/^[a-z0-9-]+$/, 'a region such as asia-south1'),
    fallback: 'asia-south1',
  }),
};

/** The known key here: each service checks its own settings, and takes no key of less than 16 characters. */
export const EMULATED_API_KEY = 'local-key-on-emulators';

export interface EmulatedConfig extends LocalConfig {
  readonly project: string;
  readonly location: string;
  /** With the rates of the settings. */
  readonly topology: Topology;
}

/**
 * The variables of `npm start`, for four processes on emulators.
 * @throws ConfigError that lists what is missing or wrong.
 */
export function readEmulatedSettings(environment: Environment): EmulatedConfig {
  if (environment['TELEGRAM_UPDATES']?.trim() === 'polling') {
    throw new ConfigError([
      'TELEGRAM_UPDATES=polling works with `npm start` only: here the join-tracker takes updates by webhook',
    ]);
  }
  // BACKEND is gcp for each service; what `npm start` would say to that is beside the point.
  const local = readLocalSettings({ ...environment, BACKEND: '' });
  if (local.values.PORT === 0)
    throw new ConfigError([`PORT must not be 0 here: the ${SERVICES.length} services take the ports from there on`]);
  refusePorts(local.values, local.simulated, SERVICES.length);
  const { GCP_PROJECT: project, GCP_LOCATION: location } = readSettings(environment, cloudSettings);
  const keys = local.values.INTAKE_API_KEYS.map((key) => (key === SIMULATION_API_KEY ? EMULATED_API_KEY : key));
  return {
    ...local,
    values: { ...local.values, INTAKE_API_KEYS: keys },
    project,
    location,
    topology: { ...topology, queues: withQueueRates(topology.queues, local.values, botTokensOf(local.values).length) },
  };
}
