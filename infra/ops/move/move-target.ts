import { FirestoreImport } from '@paid-community/shared/platform/backends/gcp/firestore-import.ts';
import { missingSubscriptions } from '@paid-community/shared/platform/backends/gcp/missing-subscriptions.ts';
import { openGcpBackend } from '@paid-community/shared/platform/backends/gcp/open-gcp-backend.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { QueueAdministration } from '@paid-community/shared/platform/ports/queue-administration.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { topology } from '@paid-community/shared/topology.ts';
import type { MoveSettings } from './move-settings.ts';

/** The other side. */
export interface MoveTarget {
  /** To look only. */
  readonly documents: FirestoreImport;
  /** `number` is that of the store. */
  readonly documentsFrom: (number: number) => FirestoreImport;
  readonly eventBus: EventBus;
  readonly taskQueue: TaskQueue;
  readonly queue: QueueAdministration;
  /** @throws Error that lists what is not there, or does not answer */
  check(): Promise<void>;
  close(): Promise<void>;
}

export function openMoveTarget(settings: MoveSettings, clock: Clock): MoveTarget {
  const { GCP_PROJECT: projectId, LINK_WORKER_URL: targetUrl, TASKS_SERVICE_ACCOUNT: serviceAccount } = settings;
  const firestore = {
    projectId,
    database: settings.FIRESTORE_DATABASE,
    emulatorHost: settings.FIRESTORE_EMULATOR_HOST,
  };
  const pubsub = { projectId, emulatorHost: settings.PUBSUB_EMULATOR_HOST };
  const backend = openGcpBackend({
    projectId,
    pubSubEmulatorHost: pubsub.emulatorHost,
    firestoreDatabase: firestore.database,
    firestoreEmulatorHost: firestore.emulatorHost,
    tasks: {
      emulatorHost: settings.CLOUD_TASKS_EMULATOR_HOST,
      location: settings.GCP_LOCATION,
      queueId: (queue) => (queue.name === inviteQueue.name ? settings.TASKS_QUEUE : queue.name),
      targetUrl: () => targetUrl,
      serviceAccount,
    },
    topology,
    clock,
    log: createLogger({ level: 'silent', secrets: [] }),
  });
  const imports: FirestoreImport[] = [];
  const importOf = (writer: string): FirestoreImport => {
    const made = new FirestoreImport(firestore, writer);
    imports.push(made);
    return made;
  };
  const documents = importOf('look');
  return {
    documents,
    documentsFrom: (number) => importOf(`move-${number}`),
    eventBus: backend.eventBus,
    taskQueue: backend.taskQueue,
    queue: backend.administration.queue,
    check: async () => {
      const problems = await Promise.all([
        problemOf('Firestore', () => backend.checkReady()),
        problemOf('Cloud Tasks', () => backend.administration.queue.describe(inviteQueue)),
        problemOf('Pub/Sub', async () => {
          const missing = await missingSubscriptions(pubsub, topology);
          if (missing.length > 0)
            throw new Error(
              `there are no subscriptions ${missing.join(', ')}: what is published would reach nobody. Deploy first`,
            );
        }),
      ]);
      const found = problems.flat();
      if (found.length > 0)
        throw new Error(
          `Nothing was moved. In project ${projectId}:\n${found.map((problem) => `  - ${problem}`).join('\n')}`,
        );
    },
    close: async () => {
      await Promise.all([backend.close(), ...imports.map((made) => made.close())]);
    },
  };
}

async function problemOf(what: string, look: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await look();
    return [];
  } catch (error) {
    return [`${what}: ${error instanceof Error ? error.message : 'no answer'}`];
  }
}
