import type { Authenticate } from '../../http/route.ts';
import type { Logger } from '../../log/logger.ts';
import type { Clock } from '../../ports/clock.ts';
import { InvalidArgumentError } from '../../ports/errors.ts';
import type { QueueAdministration } from '../../ports/queue-administration.ts';
import type { StoreAdministration } from '../../ports/store-administration.ts';
import type { TaskQueue } from '../../ports/task-queue.ts';
import type { Topology } from '../../ports/topology-types.ts';
import type { Backend } from '../backend.ts';
import { CloudTasksQueue, type CloudTasksOptions } from './cloud-tasks-queue.ts';
import { DEFAULT_DATABASE, FirestoreDocumentStore } from './firestore-document-store.ts';
import { googleKeys } from './oidc/google-keys.ts';
import { oidcAuthentication, type ExpectedCaller } from './oidc/oidc-authentication.ts';
import { PubSubAdministration } from './pubsub-administration.ts';
import { PubSubEventBus } from './pubsub-event-bus.ts';
import { createPushDelivery } from './push-delivery.ts';

export interface GcpBackendOptions {
  readonly projectId: string;
  readonly pubSubEmulatorHost: string | undefined;
  /** `(default)` when it is not given. */
  readonly firestoreDatabase?: string;
  readonly firestoreEmulatorHost: string | undefined;
  /** Only for a service that queues tasks. */
  readonly tasks?: Omit<CloudTasksOptions, 'projectId'>;
  /**
   * Whose calls the push endpoints take; needed where there are any. `anybody` is for emulators, which sign nothing.
   */
  readonly pushCaller?: ExpectedCaller | 'anybody';
  readonly taskCaller?: ExpectedCaller | 'anybody';
  readonly topology: Topology;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The three ports on Pub/Sub, Firestore and Cloud Tasks. Opens no connection by itself: `checkReady` and the first
 * calls do.
 */
export function openGcpBackend(options: GcpBackendOptions): Backend {
  const { projectId, clock, log } = options;
  const eventBus = new PubSubEventBus({ projectId, emulatorHost: options.pubSubEmulatorHost });
  const store = new FirestoreDocumentStore(
    { projectId, database: options.firestoreDatabase, emulatorHost: options.firestoreEmulatorHost },
    options.topology,
    clock,
  );
  const bus = new PubSubAdministration(
    { projectId, emulatorHost: options.pubSubEmulatorHost },
    options.topology,
    clock,
  );
  const tasks = options.tasks === undefined ? undefined : new CloudTasksQueue({ ...options.tasks, projectId }, clock);
  const keys = googleKeys();
  const authenticationOf = (caller: ExpectedCaller | 'anybody' | undefined): Authenticate | 'anybody' | undefined =>
    caller === 'anybody' || caller === undefined ? caller : oidcAuthentication(caller, { keys, clock, log });
  let closing: Promise<void> | undefined;
  return {
    eventBus,
    store,
    taskQueue: tasks ?? noTaskQueue,
    administration: {
      bus,
      queue: tasks ?? noTaskQueue,
      store: firestoreBackups(projectId, options.firestoreDatabase ?? DEFAULT_DATABASE),
    },
    deliverTo: (consumers) =>
      createPushDelivery(consumers, {
        authenticatePush: authenticationOf(options.pushCaller),
        authenticateTask: authenticationOf(options.taskCaller),
        clock,
        log,
      }),
    checkReady: async () => {
      // Without the queue intake still takes purchases; only the service that executes tasks is of no use.
      const needed = options.taskCaller === undefined ? undefined : tasks;
      await Promise.all([store.checkReady(), eventBus.checkReady(), needed?.checkReady()]);
    },
    close: () => {
      closing ??= Promise.all([eventBus.close(), bus.close(), store.close(), tasks?.close()]).then(() => undefined);
      return closing;
    },
  };
}

function firestoreBackups(projectId: string, database: string): StoreAdministration {
  const schedule = `gcloud firestore backups schedules create --project=${projectId} --database='${database}' --recurrence=daily --retention=3d`;
  const restore = `gcloud firestore databases restore --project=${projectId} --source-backup=… --destination-database=<new id>`;
  const how = `Firestore makes its own backups, and keeps every version of the last seven days with point-in-time recovery. Set up: ${schedule}. Bring back, as a database of its own: ${restore}. Then FIRESTORE_DATABASE=<new id> for every service, by the setting of the stack, and \`ops rebuild\`. The guide (infra/deploy/gcp/README.md) has the steps`;
  return {
    backUp: () => Promise.reject(new InvalidArgumentError('backups_are_firestores', how)),
    recordErasures: () => Promise.resolve(),
    overwriteErased: () => Promise.resolve(),
  };
}

const noQueue = (): Promise<never> => Promise.reject(new Error('This process was opened without a task queue'));
const noTaskQueue: TaskQueue & QueueAdministration = {
  enqueue: noQueue,
  describe: noQueue,
  pause: noQueue,
  resume: noQueue,
};
