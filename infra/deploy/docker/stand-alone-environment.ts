import type { ServiceName } from '@paid-community/shared/model/services.ts';

export interface EmulatorHosts {
  readonly pubsub: string;
  readonly firestore: string;
  readonly cloudTasks: string;
}

/** Nothing listens there (port 1 takes root, and is not in use anywhere). */
export const UNREACHABLE = '127.0.0.1:1';

const PUSH = { BASE_URL: 'https://service.example.com', PUSH_AUTHENTICATION: 'off' };

const OWN: Readonly<Record<ServiceName, Readonly<Record<string, string>>>> = {
  'intake-service': {
    ...PUSH,
    INTAKE_API_KEYS: 'intake-key-of-nobody',
    OPERATOR_API_KEYS: 'nobody:operator-key-of-nobody',
    LINK_WORKER_URL: `http://${UNREACHABLE}`,
  },
  'link-worker': {
    ...PUSH,
    TELEGRAM_BOT_TOKEN: '1:token-of-no-bot',
    TELEGRAM_CHAT_ID: '-1001',
    TELEGRAM_API_ROOT: `http://${UNREACHABLE}`,
  },
  'join-tracker': {
    ...PUSH,
    TELEGRAM_WEBHOOK_SECRET: 'webhook-secret-of-nobody',
    LINK_WORKER_URL: `http://${UNREACHABLE}`,
  },
  'event-emitter': {
    ...PUSH,
    WEBENGAGE_LICENSE_CODE: 'nobody',
    WEBENGAGE_API_KEY: 'webengage-key-of-nobody',
    WEBENGAGE_API_ROOT: `http://${UNREACHABLE}`,
  },
};

/** Just the variables with which one service starts on emulators and calls nobody; it prints the port that it got. */
export function standAloneEnvironment(service: ServiceName, hosts: EmulatorHosts): Record<string, string> {
  return {
    ...OWN[service],
    BACKEND: 'gcp',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    GCP_PROJECT: 'demo-stand-alone',
    PUBSUB_EMULATOR_HOST: hosts.pubsub,
    FIRESTORE_EMULATOR_HOST: hosts.firestore,
    // Or the clients look for Google Cloud's metadata server, for seconds.
    METADATA_SERVER_DETECTION: 'none',
    ...(service === 'event-emitter' ? {} : { CLOUD_TASKS_EMULATOR_HOST: hosts.cloudTasks }),
  };
}
