import type { PushConfig, RemoteTaskConfig, ServiceConfig, TaskConfig } from '../../config/gcp-settings.ts';
import { inviteQueue } from '../../../model/queues.ts';
import type { GcpBackendOptions } from './open-gcp-backend.ts';
import type { ExpectedCaller } from './oidc/oidc-authentication.ts';

/** The settings of a service as options of the backend; which ones it has says what it can do. */
export function gcpOptions(
  config: ServiceConfig & (object | PushConfig | (PushConfig & TaskConfig & Partial<RemoteTaskConfig>)),
): Omit<GcpBackendOptions, 'topology' | 'clock' | 'log'> {
  return {
    projectId: config.GCP_PROJECT,
    pubSubEmulatorHost: config.PUBSUB_EMULATOR_HOST,
    firestoreDatabase: config.FIRESTORE_DATABASE,
    firestoreEmulatorHost: config.FIRESTORE_EMULATOR_HOST,
    ...('PUSH_AUTHENTICATION' in config ? pushOptions(config) : {}),
    ...('TASKS_QUEUE' in config ? taskOptions(config) : {}),
  };
}

function pushOptions(config: PushConfig): Pick<GcpBackendOptions, 'pushCaller'> {
  return { pushCaller: callerOf(config, config.PUSH_SERVICE_ACCOUNT, config.PUSH_AUDIENCE) };
}

function taskOptions(
  config: PushConfig & TaskConfig & Partial<RemoteTaskConfig>,
): Pick<GcpBackendOptions, 'tasks' | 'taskCaller'> {
  const targetUrl = config.LINK_WORKER_URL ?? config.BASE_URL;
  const caller = callerOf(config, config.TASKS_SERVICE_ACCOUNT, targetUrl);
  return {
    // Whoever only queues tasks takes none.
    ...(config.LINK_WORKER_URL === undefined ? { taskCaller: caller } : {}),
    tasks: {
      emulatorHost: config.CLOUD_TASKS_EMULATOR_HOST,
      location: config.GCP_LOCATION,
      queueId: (queue) => (queue.name === inviteQueue.name ? config.TASKS_QUEUE : queue.name),
      targetUrl,
      identity: caller === 'anybody' ? undefined : caller,
    },
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
