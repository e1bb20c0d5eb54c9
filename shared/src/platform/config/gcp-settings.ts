import type { Queue } from '../ports/topology-types.ts';
import { matching, oneOf, rootUrl, text } from './parsers.ts';
import { platformSettings } from './platform-settings.ts';
import { setting, type Environment, type Setting, type Settings, type ValuesOf } from './settings.ts';
import { telemetrySettings } from './telemetry-settings.ts';

// What a service that runs by itself on Google Cloud reads, besides its own variables.

const hostPort = matching(
  /^[\w.-]+:(?!0+$)(\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])$/,
  'host:port, such as 127.0.0.1:8085',
);
const serviceAccount = matching(/^[^@\s]+@[^@\s]+$/, 'the e-mail of a service account');

export const serviceSettings = {
  BACKEND: setting({
    description: 'a service that is started by itself runs on Google Cloud or its emulators: BACKEND=gcp',
    parse: (input) => {
      if (input === 'gcp') return 'gcp';
      throw new Error('must be gcp here: embedded runs all four services in one process, which `npm start` does');
    },
  }),
  PORT: platformSettings.PORT,
  // In a container nothing but the platform reaches the port.
  HOST: { ...platformSettings.HOST, fallback: '0.0.0.0' },
  HTTP_KEEP_ALIVE_SECONDS: platformSettings.HTTP_KEEP_ALIVE_SECONDS,
  LOG_LEVEL: platformSettings.LOG_LEVEL,
  GCP_PROJECT: setting({
    description: 'id of the Google Cloud project; any name with emulators',
    parse: matching(/^[a-z0-9][a-z0-9:.-]{0,98}[a-z0-9]$/, 'a project id such as my-project-123'),
  }),
  PUBSUB_EMULATOR_HOST: setting({
    description: 'host:port of a Pub/Sub emulator',
    parse: hostPort,
    fallback: undefined,
  }),
  FIRESTORE_DATABASE: setting({
    description:
      'id of the Firestore database; a restored backup is a database of its own, and this is how the services get there',
    // https://cloud.google.com/firestore/docs/manage-databases#database_id
    parse: matching(
      /^(\(default\)|[a-z][a-z0-9-]{2,61}[a-z0-9])$/,
      '(default), or 4 to 63 characters a-z, 0-9 and -, beginning with a letter',
    ),
    fallback: '(default)',
  }),
  FIRESTORE_EMULATOR_HOST: setting({
    description: 'host:port of a Firestore emulator',
    parse: hostPort,
    fallback: undefined,
  }),
  ...telemetrySettings,
  // Cloud Run puts a traceparent on every request and records about one in ten seconds. A sampler that followed it
  // would miss most purchases.
  // https://cloud.google.com/run/docs/trace#trace_sampling_rate
  OTEL_TRACES_SAMPLER: setting({ ...telemetrySettings.OTEL_TRACES_SAMPLER, fallback: 'always_on' }),
};

export type ServiceConfig = ValuesOf<typeof serviceSettings>;

/** A service as its settings see it. */
export interface ServiceNeeds<Own extends Settings, Tasks extends object> {
  readonly service: string;
  /** Whether the public reaches it. Nobody checks its callers before it does then. */
  readonly isPublic: boolean;
  /** `noTasks`, `executedTasks` or `remoteTasks`. */
  readonly tasks: (environment: Environment) => Tasks;
  readonly own: Own;
}

export type ProcessSettings<Own extends Settings, Tasks extends object> = typeof serviceSettings &
  PushSettings &
  Tasks &
  Own;

/** All that a service reads when it runs by itself. */
export function settingsOfService<Own extends Settings, Tasks extends object>(
  { tasks, own, ...needs }: ServiceNeeds<Own, Tasks>,
  environment: Environment,
): ProcessSettings<Own, Tasks> {
  const ofTasks = tasks(environment);
  const emulators = Object.keys({ ...serviceSettings, ...ofTasks }).filter((name) => name.endsWith('_EMULATOR_HOST'));
  return { ...serviceSettings, ...pushSettings({ ...needs, emulators }, environment), ...ofTasks, ...own };
}

/**
 * For the push endpoints. `emulators` are the variables that must all be set before authentication may be switched
 * off: an emulator signs nothing, and Google always does.
 */
function pushSettings(
  {
    service,
    isPublic,
    emulators,
  }: { readonly service: string; readonly isPublic: boolean; readonly emulators: readonly string[] },
  environment: Environment,
): PushSettings {
  return {
    BASE_URL: {
      description:
        'URL of this service, such as https://link-worker-abc.a.run.app: pushes and tasks go there, and their tokens name it',
      parse: rootUrl('https:', 'http:'),
    },
    PUSH_AUTHENTICATION: {
      description:
        "on = the push endpoints take only calls with an identity token of the expected service account; platform = the same behind Cloud Run's own check of callers, which takes the signature out of the token: never for a service that the public reaches; off is for emulators",
      parse: (input) => {
        const choice = oneOf('on', 'platform', 'off')(input);
        if (choice === 'platform' && isPublic)
          throw new Error(
            `must not be platform for ${service}: the public reaches it, and anybody could write a token without a signature`,
          );
        const missing = emulators.filter((name) => isUnset(environment, name));
        if (choice === 'off' && missing.length > 0)
          throw new Error(`may be off only with emulators; not set: ${missing.join(', ')}`);
        return choice;
      },
      fallback: 'on',
    },
    PUSH_SERVICE_ACCOUNT: {
      description:
        'e-mail of the service account that the push subscriptions sign as; not needed with PUSH_AUTHENTICATION=off',
      parse: serviceAccount,
      ...optionalWhenOff(environment),
    },
    PUSH_AUDIENCE: {
      description: 'audience that the push subscriptions put into their tokens; BASE_URL by default',
      parse: text(),
      fallback: undefined,
    },
  };
}

type PushSettings = {
  readonly BASE_URL: Setting<string>;
  readonly PUSH_AUTHENTICATION: Setting<'on' | 'platform' | 'off'>;
  readonly PUSH_SERVICE_ACCOUNT: Setting<string | undefined>;
  readonly PUSH_AUDIENCE: Setting<string | undefined>;
};

export type PushConfig = ValuesOf<PushSettings>;

/** What every service reads, besides its own settings. */
export type ProcessConfig = ServiceConfig & PushConfig;

/** For a service that neither queues nor executes tasks. */
export function noTasks(): object {
  return {};
}

/** For the service that executes the tasks of this queue. */
export function executedTasks(queue: Queue): (environment: Environment) => TaskSettings {
  return (environment) => ({
    GCP_LOCATION: {
      description: 'region of the Cloud Tasks queue',
      parse: matching(/^[a-z0-9-]+$/, 'a region such as asia-south1'),
      fallback: 'asia-south1',
    },
    TASKS_QUEUE: {
      description: 'id of the Cloud Tasks queue',
      parse: matching(/^[A-Za-z0-9-]{1,100}$/, 'letters, digits and hyphens'),
      fallback: queue.name,
    },
    TASKS_SERVICE_ACCOUNT: {
      description:
        'e-mail of the service account that tasks are signed as, with the URL of the service that executes them as audience; not needed with PUSH_AUTHENTICATION=off',
      parse: serviceAccount,
      ...optionalWhenOff(environment),
    },
    CLOUD_TASKS_EMULATOR_HOST: {
      description: 'host:port of a Cloud Tasks emulator',
      parse: hostPort,
      fallback: undefined,
    },
  });
}

export type TaskSettings = {
  readonly GCP_LOCATION: Setting<string>;
  readonly TASKS_QUEUE: Setting<string>;
  readonly TASKS_SERVICE_ACCOUNT: Setting<string | undefined>;
  readonly CLOUD_TASKS_EMULATOR_HOST: Setting<string | undefined>;
};

export type TaskConfig = ValuesOf<TaskSettings>;

const remoteTaskSettings = {
  LINK_WORKER_URL: setting({
    description: 'URL of link-worker, which executes the tasks',
    parse: rootUrl('https:', 'http:'),
  }),
};

export type RemoteTaskConfig = ValuesOf<RemoteTaskSettings>;

export type RemoteTaskSettings = TaskSettings & typeof remoteTaskSettings;

/** For a service that queues tasks which link-worker executes. */
export function remoteTasks(queue: Queue): (environment: Environment) => RemoteTaskSettings {
  const ofTasks = executedTasks(queue);
  return (environment) => ({ ...ofTasks(environment), ...remoteTaskSettings });
}

function optionalWhenOff(environment: Environment): { readonly fallback?: undefined } {
  return environment['PUSH_AUTHENTICATION']?.trim() === 'off' ? { fallback: undefined } : {};
}

function isUnset(environment: Environment, name: string): boolean {
  return (environment[name] ?? '').trim() === '';
}
