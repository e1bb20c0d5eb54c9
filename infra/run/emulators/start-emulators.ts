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
import type { GoogleEmulator } from './google-emulator.ts';
import { openGoogleEmulator, type EmulatorName } from './google-emulators.ts';

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
  const { report = () => undefined } = options;
  const missing = missingPrograms();
  if (missing.length > 0) {
    throw new Error(
      `Not found: ${missing.join(' and ')}. The emulators need the gcloud CLI (https://cloud.google.com/sdk/docs/install) with the components ` +
        'cloud-firestore-emulator, pubsub-emulator and beta (gcloud components install …), and Java 11 or newer.',
    );
  }
  report('starting the Firestore and Pub/Sub emulators');
  const opened: GoogleEmulator[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((emulator) => emulator.stop()));
  };
  const startOne = async (name: EmulatorName): Promise<GoogleEmulator> => {
    const emulator = await openGoogleEmulator(name);
    opened.push(emulator);
    await emulator.ready;
    report(`${name} emulator on ${emulator.host}`);
    return emulator;
  };
  try {
    const [firestore, pubsub] = await allOrFirstFailure([startOne('firestore'), startOne('pubsub')] as const);
    const emulators = await withCloudTasks({ firestoreHost: firestore.host, pubsubHost: pubsub.host }, options);
    return {
      ...emulators,
      failed: Promise.race([firestore.failed, pubsub.failed]),
      stop: async () => {
        await Promise.all([emulators.stop(), stop()]);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Our Cloud Tasks test server in this process, beside emulators that run already and that `stop` leaves alone. */
export async function withCloudTasks(
  { firestoreHost, pubsubHost }: Pick<Emulators, 'firestoreHost' | 'pubsubHost'>,
  { dispatchAgain, report = () => undefined }: StartEmulatorsOptions,
): Promise<Emulators> {
  // Google's clients would look for a metadata server, and wait for it.
  process.env['METADATA_SERVER_DETECTION'] ??= 'none';
  const cloudTasks = await startCloudTasksEmulator({
    queues: [],
    ...(dispatchAgain === undefined ? {} : { dispatchAgain }),
  });
  report(`Cloud Tasks test server on ${cloudTasks.host}`);
  return {
    firestoreHost,
    pubsubHost,
    cloudTasksHost: cloudTasks.host,
    cloudTasks,
    createTopology: async ({ project, location, topology, pushEndpoint }) => {
      for (const queue of topology.queues) cloudTasks.createQueue(queueOptionsOf(queue, { project, location }));
      await createPubSubTopology({ projectId: project, emulatorHost: pubsubHost }, topology, pushEndpoint);
    },
    failed: new Promise<never>(() => undefined),
    stop: () => cloudTasks.close(),
  };
}

/** Waits for both even if one fails: what is half started could not be stopped. */
async function allOrFirstFailure<A, B>(starts: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(starts);
  return Promise.all(starts);
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
