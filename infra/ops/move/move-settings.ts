import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import {
  remoteTasks,
  serviceSettings,
  type RemoteTaskSettings,
} from '@paid-community/shared/platform/config/gcp-settings.ts';
import {
  ConfigError,
  readSettings,
  type Environment,
  type ValuesOf,
} from '@paid-community/shared/platform/config/settings.ts';
import { UsageError } from '../command-line/usage-error.ts';

const EMULATORS = ['FIRESTORE_EMULATOR_HOST', 'PUBSUB_EMULATOR_HOST', 'CLOUD_TASKS_EMULATOR_HOST'] as const;

/** The option that stands for a setting of the services. */
const MOVE_OPTIONS = {
  project: 'GCP_PROJECT',
  database: 'FIRESTORE_DATABASE',
  region: 'GCP_LOCATION',
  queue: 'TASKS_QUEUE',
  'link-worker-url': 'LINK_WORKER_URL',
  'tasks-service-account': 'TASKS_SERVICE_ACCOUNT',
} as const;

type OptionName = keyof typeof MOVE_OPTIONS;

const { GCP_PROJECT, FIRESTORE_DATABASE, FIRESTORE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST } = serviceSettings;

export type MoveSettings = ValuesOf<typeof targetSettings & RemoteTaskSettings>;

const targetSettings = {
  GCP_PROJECT,
  FIRESTORE_DATABASE,
  FIRESTORE_EMULATOR_HOST,
  PUBSUB_EMULATOR_HOST,
};

/**
 * Where the data goes: the options, else the variables that the services have. @throws UsageError that lists everything
 * that is missing or wrong
 */
export function readMoveSettings(
  options: { readonly [Name in OptionName]?: string },
  environment: Environment,
): MoveSettings {
  const given = Object.entries(MOVE_OPTIONS).flatMap(([option, name]) => {
    const text = options[option as OptionName];
    return text === undefined ? [] : [[name, text] as const];
  });
  const emulated = EMULATORS.filter((name) => (environment[name] ?? '').trim() !== '');
  if (emulated.length > 0 && emulated.length < EMULATORS.length) {
    throw new UsageError(
      `All emulators or none: ${emulated.join(' and ')} ${emulated.length === 1 ? 'is' : 'are'} set, ${EMULATORS.filter((name) => !emulated.includes(name)).join(' and ')} not`,
    );
  }
  // An emulator signs nothing.
  const all = { ...environment, ...Object.fromEntries(given), PUSH_AUTHENTICATION: emulated.length > 0 ? 'off' : 'on' };
  try {
    return readSettings(all, { ...targetSettings, ...remoteTasks(inviteQueue)(all) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(error.problems.map(withOption).join('\n'), { cause: error });
  }
}

function withOption(problem: string): string {
  const [option] = Object.entries(MOVE_OPTIONS).find(([, name]) => problem.startsWith(`${name} `)) ?? [];
  return option === undefined ? problem : `--${option} or ${problem}`;
}
