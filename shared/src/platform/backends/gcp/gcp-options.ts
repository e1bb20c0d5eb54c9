import type { ProcessConfig, PushConfig, RemoteTaskConfig, TaskConfig } from '../../config/gcp-settings.ts';
import type { Queue } from '../../ports/topology-types.ts';
import type { ExpectedCaller } from './oidc/oidc-authentication.ts';
import type { GcpBackendOptions } from './open-gcp-backend.ts';

/** What the settings of a service say of its backend. */
export type GcpOptions = Omit<GcpBackendOptions, 'topology' | 'clock' | 'log'>;

/** Of a service that neither queues nor executes tasks. */
export function gcpOptions(config: ProcessConfig): GcpOptions {
  return {
    projectId: config.GCP_PROJECT,
    pubSubEmulatorHost: config.PUBSUB_EMULATOR_HOST,
    firestoreDatabase: config.FIRESTORE_DATABASE,
    firestoreEmulatorHost: config.FIRESTORE_EMULATOR_HOST,
    pushCaller: callerOf(config, config.PUSH_SERVICE_ACCOUNT, config.PUSH_AUDIENCE),
  };
}

/** Of the service that executes the tasks; `queue` is the one that TASKS_QUEUE names. */
export function executorOptions(config: ProcessConfig & TaskConfig, queue: Queue): GcpOptions {
  const taskCaller = callerOf(config, config.TASKS_SERVICE_ACCOUNT, config.BASE_URL);
  return { ...gcpOptions(config), taskCaller, tasks: taskOptions(config, queue, config.BASE_URL) };
}

/** Of a service that queues tasks which link-worker executes; `queue` is the one that TASKS_QUEUE names. */
export function enqueuerOptions(config: ProcessConfig & RemoteTaskConfig, queue: Queue): GcpOptions {
  return { ...gcpOptions(config), tasks: taskOptions(config, queue, config.LINK_WORKER_URL) };
}

/** `executorUrl` is that of the service of `queue`, and of no other. */
function taskOptions(
  config: ProcessConfig & TaskConfig,
  queue: Queue,
  executorUrl: string,
): NonNullable<GcpBackendOptions['tasks']> {
  const caller = callerOf(config, config.TASKS_SERVICE_ACCOUNT, executorUrl);
  return {
    emulatorHost: config.CLOUD_TASKS_EMULATOR_HOST,
    location: config.GCP_LOCATION,
    queueId: ({ name }) => (name === queue.name ? config.TASKS_QUEUE : name),
    targetUrl: ({ name, service }) => {
      if (service === queue.service) return executorUrl;
      throw new Error(`No setting says the URL of ${service}, which executes the tasks of ${name}`);
    },
    serviceAccount: caller === 'anybody' ? undefined : caller.serviceAccount,
  };
}

function callerOf(
  config: PushConfig,
  serviceAccount: string | undefined,
  audience: string | undefined,
): ExpectedCaller | 'anybody' {
  if (config.PUSH_AUTHENTICATION === 'off') return 'anybody';
  // The settings ask for it whenever authentication is on.
  if (serviceAccount === undefined) throw new Error('Authentication needs the e-mail of a service account');
  return {
    serviceAccount,
    audience: audience ?? config.BASE_URL,
    signatureCheckedBy: config.PUSH_AUTHENTICATION === 'platform' ? 'platform' : 'here',
  };
}
