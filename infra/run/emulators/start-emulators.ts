import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createPubSubTopology } from '@paid-community/shared/platform/backends/gcp/create-pubsub-topology.ts';
import type { Subscription, Topology } from '@paid-community/shared/platform/ports/topology-types.ts';
import { queueOptionsOf } from '../cloud-tasks-emulator/queue-settings.ts';
import {
  startCloudTasksEmulator,
  type CloudTasksEmulator,
  type EmulatorOptions,
} from '../cloud-tasks-emulator/start-cloud-tasks-emulator.ts';
import { freePort } from '../free-port.ts';
import { startGoogleEmulator, type GoogleEmulator } from './google-emulator.ts';

export interface StartEmulatorsOptions {
  readonly dispatchAgain?: EmulatorOptions['dispatchAgain'];
  /** What is being done, one line at a time. */
  readonly report?: (line: string) => void;
}

export interface Project {
  readonly project: string;
  readonly location: string;
  readonly topology: Topology;
  /** Where a subscription is pushed to; undefined makes it one to pull from. */
  readonly pushEndpoint: (subscription: Subscription) => string | undefined;
}

/**
 * The Pub/Sub emulator has as many pushes under way as the machine has processors, over all subscriptions: with two of
 * them, two slow handlers would hold up everything else, as they do not with Pub/Sub itself.
 */
const MORE_PUSHES_AT_ONCE = {
  JAVA_TOOL_OPTIONS: `${process.env['JAVA_TOOL_OPTIONS'] ?? ''} -XX:ActiveProcessorCount=8`.trim(),
};

export interface Emulators {
  /** FIRESTORE_EMULATOR_HOST */
  readonly firestoreHost: string;
  /** PUBSUB_EMULATOR_HOST */
  readonly pubsubHost: string;
  /** CLOUD_TASKS_EMULATOR_HOST */
  readonly cloudTasksHost: string;
  readonly cloudTasks: CloudTasksEmulator;
  /**
   * Creates topics, subscriptions and queues. Projects do not see each other, so several systems can share the
   * emulators.
   */
  readonly createTopology: (project: Project) => Promise<void>;
  /** Rejects when one of them ends by itself; never resolves. */
  readonly failed: Promise<never>;
  /** Ends all of them, and forgets what they held. */
  stop(): Promise<void>;
}

/** The programs of the emulators that are not installed; empty when they can be started. */
export function missingPrograms(): readonly string[] {
  return ['gcloud', 'java'].filter((program) => !isOnPath(program));
}

/**
 * Google's emulators of Firestore and Pub/Sub, which are Java programs, and our Cloud Tasks test server in this
 * process. Measured on two busy cores: 4 to 5 s, nearly all of it two Java starts at once.
 * @throws Error that says what is missing or what an emulator has printed; nothing is left running.
 */
export async function startEmulators(options: StartEmulatorsOptions): Promise<Emulators> {
  const { dispatchAgain, report = () => undefined } = options;
  const missing = missingPrograms();
  if (missing.length > 0) {
    throw new Error(
      `Not found: ${missing.join(' and ')}. The emulators need the gcloud CLI (https://cloud.google.com/sdk/docs/install) with the components ` +
        'cloud-firestore-emulator, pubsub-emulator and beta (gcloud components install …), and Java 11 or newer.',
    );
  }
  // Google's clients would look for a metadata server, and wait for it.
  process.env['METADATA_SERVER_DETECTION'] ??= 'none';
  report('starting the Firestore and Pub/Sub emulators');
  const opened: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((part) => part.stop()));
  };
  const startOne = async (
    name: 'Firestore' | 'Pub/Sub',
    parameters: readonly string[],
    environment = {},
  ): Promise<GoogleEmulator> => {
    const host = `127.0.0.1:${await freePort()}`;
    const emulator = startGoogleEmulator(name, [...parameters, `--host-port=${host}`], host, environment);
    opened.push(emulator);
    await emulator.ready;
    report(`${name} emulator on ${host}`);
    return emulator;
  };
  try {
    const starts = await Promise.allSettled([
      startOne('Firestore', ['emulators', 'firestore', 'start']),
      startOne('Pub/Sub', ['beta', 'emulators', 'pubsub', 'start', '--project=emulators'], MORE_PUSHES_AT_ONCE),
    ]);
    const [firestore, pubsub] = starts.map((start) => {
      if (start.status === 'rejected') throw start.reason;
      return start.value;
    });
    if (firestore === undefined || pubsub === undefined) throw new Error('unreachable');
    const cloudTasks = await startCloudTasksEmulator({
      queues: [],
      ...(dispatchAgain === undefined ? {} : { dispatchAgain }),
    });
    opened.push({ stop: () => cloudTasks.close() });
    report(`Cloud Tasks test server on ${cloudTasks.host}`);
    return {
      firestoreHost: firestore.host,
      pubsubHost: pubsub.host,
      cloudTasksHost: cloudTasks.host,
      cloudTasks,
      createTopology: async ({ project, location, topology, pushEndpoint }) => {
        for (const queue of topology.queues) cloudTasks.createQueue(queueOptionsOf(queue, { project, location }));
        await createPubSubTopology({ projectId: project, emulatorHost: pubsub.host }, topology, pushEndpoint);
      },
      failed: Promise.race([firestore.failed, pubsub.failed]),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
