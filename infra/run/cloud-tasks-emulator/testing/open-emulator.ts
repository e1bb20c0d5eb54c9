import { CloudTasksClient } from '@google-cloud/tasks';
import { credentials } from '@grpc/grpc-js';
import type { QueueOptions } from '../queue-settings.ts';
import {
  startCloudTasksEmulator,
  type CloudTasksEmulator,
  type EmulatorOptions,
} from '../start-cloud-tasks-emulator.ts';
import { startHandler, type Handler } from './handler.ts';

export const LOCATION = 'projects/demo/locations/asia-south1';
export const QUEUE = `${LOCATION}/queues/invites`;

/** The test server with one queue, Google's client connected to it, and a handler for the tasks. */
export interface OpenEmulator {
  readonly emulator: CloudTasksEmulator;
  readonly client: CloudTasksClient;
  readonly handler: Handler;
  /** Creates a task for the handler; returns its id. */
  readonly add: (id?: string, task?: Task) => Promise<string>;
}

export type Task = NonNullable<NonNullable<Parameters<CloudTasksClient['createTask']>[0]>['task']>;

// The client would ask the network for a metadata server, to no end.
process.env['METADATA_SERVER_DETECTION'] = 'none';

const opened = new Set<() => Promise<void>>();

export async function openEmulator(
  queue: Partial<QueueOptions> = {},
  options: Partial<EmulatorOptions> = {},
): Promise<OpenEmulator> {
  const emulator = await startCloudTasksEmulator({ queues: [{ name: QUEUE, ...queue }], ...options });
  const handler = await startHandler();
  const port = Number(emulator.host.split(':')[1]);
  // The package @grpc/grpc-js is the very copy that google-gax uses: credentials of another copy would be refused.
  const client = new CloudTasksClient({
    apiEndpoint: '127.0.0.1',
    port,
    sslCreds: credentials.createInsecure(),
    projectId: 'demo',
  });
  opened.add(async () => {
    await client.close();
    await emulator.close();
    await handler.close();
  });
  return {
    emulator,
    client,
    handler,
    add: async (id, task = {}) => {
      const [created] = await client.createTask({
        parent: QUEUE,
        task: {
          httpRequest: { url: `${handler.url}/work`, body: Buffer.from('{}') },
          ...task,
          ...(id === undefined ? {} : { name: `${QUEUE}/tasks/${id}` }),
        },
      });
      return (created.name ?? '').slice(`${QUEUE}/tasks/`.length);
    },
  };
}

/** For `afterEach`. */
export async function closeEmulators(): Promise<void> {
  const closing = [...opened];
  opened.clear();
  await Promise.all(closing.map((close) => close()));
}
