import {
  readMoveRecord,
  writeMoveRecord,
  type MoveRecord,
} from '@paid-community/shared/platform/backends/embedded/move-record.ts';
import {
  lookIntoStoppedStore,
  withStoppedStore,
  type StoppedStore,
} from '@paid-community/shared/platform/backends/embedded/stopped-store.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { topology } from '@paid-community/shared/topology.ts';
import type { Output } from '../output.ts';
import { compareDocuments, moveDocuments, type ComparedCollection } from './move-documents.ts';
import { moveMessages, moveTasks } from './move-queued.ts';
import type { MoveSettings } from './move-settings.ts';
import { WritePace } from './pace.ts';
import { checkOwners, ownersOf } from './same-owner.ts';
import type { MoveTarget } from './move-target.ts';
import { leftCollections, movedCollections, movedTopics } from './what-moves.ts';

/** Enough to see whether the other side is in use. */
export const COUNTED_AT_MOST = 10_000;

export interface MoveOptions {
  readonly dataDir: string;
  readonly settings: MoveSettings;
  readonly target: MoveTarget;
  readonly clock: Clock;
  readonly output: Output;
}

/** What waits, on both sides: `there` is how much of it the other side has confirmed. */
interface Waiting {
  readonly name: string;
  readonly here: number;
  readonly there: number;
}

export interface MoveReport {
  readonly to: MoveRecord['to'];
  readonly documents: readonly ComparedCollection[];
  readonly tasks: readonly Waiting[];
  readonly messages: readonly Waiting[];
  /** Queues that were paused here, and are paused there now. */
  readonly paused: readonly string[];
}

export interface LookReport {
  readonly to: MoveRecord['to'];
  readonly documents: readonly {
    readonly collection: string;
    readonly here: number;
    readonly expired: number;
    readonly there: number;
  }[];
  readonly tasks: readonly Omit<Waiting, 'there'>[];
  readonly messages: readonly Omit<Waiting, 'there'>[];
  readonly left: readonly Omit<Waiting, 'there'>[];
}

/**
 * Before anybody is asked. @throws StoreStartError; Error when the store is on its way to another place, something is
 * missing there, or it is somebody else's
 */
export async function checkMove({ dataDir, settings, target, clock }: Omit<MoveOptions, 'output'>): Promise<void> {
  const owners = await lookIntoStoppedStore({ dataDir, topology, clock }, ({ contents }) => ownersOf(contents));
  checkPlace(readMoveRecord(dataDir), settings, dataDir);
  await target.check();
  await checkOwners(owners, target.documents, settings.FIRESTORE_EMULATOR_HOST !== undefined);
}

/** Counts on both sides; changes nothing on either. @throws StoreStartError */
export async function lookAtMove({
  dataDir,
  settings,
  target,
  clock,
}: Omit<MoveOptions, 'output'>): Promise<LookReport> {
  const found = await lookIntoStoppedStore({ dataDir, topology, clock }, (store) => ({
    documents: movedCollections.map((collection) => {
      let expired = 0;
      for (const page of store.documents(collection)) expired += page.expired;
      return { collection, here: store.countDocuments(collection) - expired, expired };
    }),
    tasks: topology.queues.map((queue) => ({ name: queue.name, here: store.countTasks(queue) })),
    messages: movedTopics.map((topic) => ({ name: topic.name, here: store.countMessages(topic) })),
    left: leftCollections.map((collection) => ({ name: collection.name, here: store.countDocuments(collection) })),
  }));
  const documents = await Promise.all(
    found.documents.map(async ({ collection, ...counts }) => ({
      collection: collection.name,
      ...counts,
      there: await target.documents.count(collection, COUNTED_AT_MOST),
    })),
  );
  return { ...found, to: placeOf(settings), documents };
}

/**
 * Moves documents, then tasks, then messages. So a service there finds the documents that say what was done, before it
 * gets a task or a message. From the first write on the store does not start any more, and a repeat goes on where this
 * has ended.
 * @throws StoreStartError, and the errors of the other side; run it again
 */
export async function moveStore(
  { dataDir, settings, target, clock, output }: MoveOptions,
  begun: () => void,
): Promise<MoveReport> {
  return withStoppedStore({ dataDir, topology, clock }, async (store) => {
    const known = readMoveRecord(dataDir);
    checkPlace(known, settings, dataDir);
    const record = known ?? {
      to: placeOf(settings),
      startedAt: new Date(clock.now()).toISOString(),
      documents: {},
      tasks: {},
      messages: {},
      conflicts: [],
    };
    const save = (changed: MoveRecord): void => writeMoveRecord(dataDir, changed);
    begun();
    save(record);
    const documents = target.documentsFrom(store.number());
    const pace = settings.FIRESTORE_EMULATOR_HOST === undefined ? new WritePace(clock) : undefined;
    const total = sumOf(movedCollections, (collection) => store.countDocuments(collection));
    if (record.finishedAt === undefined)
      await counted(output, 'documents', total, (progress) =>
        moveDocuments(record, { store, target: documents, clock, progress, pace, save }),
      );
    const compared = await counted(output, 'documents compared', total, (progress) =>
      compareDocuments(record, { store, target: documents, clock, progress }),
    );
    const missing = compared.flatMap(({ collection, missing: ids }) => ids.map((id) => `${collection}/${id}`));
    if (record.finishedAt === undefined && missing[0] !== undefined) {
      throw new Error(
        `${missing.length} documents that were written are not there, ${missing[0]} for one: somebody deletes in ${settings.FIRESTORE_DATABASE}. Tasks and messages were not moved`,
      );
    }
    const paused = topology.queues.filter((queue) => store.isPaused(queue));
    if (record.finishedAt === undefined) {
      for (const queue of paused) await target.queue.pause(queue);
      const { tasks, messages } = unsent(store, record);
      await counted(output, 'tasks', tasks, (progress) =>
        moveTasks(record, { store, clock, progress, save, taskQueue: target.taskQueue }),
      );
      await counted(output, 'messages', messages, (progress) =>
        moveMessages(record, { store, clock, progress, save, eventBus: target.eventBus }),
      );
      record.finishedAt = new Date(clock.now()).toISOString();
      save(record);
    }
    return {
      to: record.to,
      documents: compared,
      tasks: topology.queues.map((queue) => ({
        name: queue.name,
        here: store.countTasks(queue),
        there: store.countTasks(queue, record.tasks[queue.name] ?? -1),
      })),
      messages: movedTopics.map((topic) => ({
        name: topic.name,
        here: store.countMessages(topic),
        there: store.countMessages(topic, record.messages[topic.name] ?? -1),
      })),
      paused: paused.map(({ name }) => name),
    };
  });
}

function unsent(store: StoppedStore, record: MoveRecord): { readonly tasks: number; readonly messages: number } {
  return {
    tasks: sumOf(
      topology.queues,
      (queue) => store.countTasks(queue) - store.countTasks(queue, record.tasks[queue.name] ?? -1),
    ),
    messages: sumOf(
      movedTopics,
      (topic) => store.countMessages(topic) - store.countMessages(topic, record.messages[topic.name] ?? -1),
    ),
  };
}

async function counted<T>(
  output: Output,
  label: string,
  total: number,
  work: (progress: (more: number) => void) => Promise<T>,
): Promise<T> {
  const bar = output.progress(label, total);
  let done = 0;
  try {
    return await work((more) => bar.update((done += more)));
  } finally {
    bar.stop();
  }
}

function placeOf({ GCP_PROJECT, FIRESTORE_DATABASE, GCP_LOCATION, TASKS_QUEUE }: MoveSettings): MoveRecord['to'] {
  return { project: GCP_PROJECT, database: FIRESTORE_DATABASE, location: GCP_LOCATION, queue: TASKS_QUEUE };
}

/** Half of a store in one project and half in another would be two systems. */
function checkPlace(record: MoveRecord | undefined, settings: MoveSettings, dataDir: string): void {
  if (record === undefined) return;
  const place = placeOf(settings);
  const other = (['project', 'database', 'location', 'queue'] as const).filter(
    (part) => record.to[part] !== place[part],
  );
  if (other.length === 0) return;
  throw new Error(
    `The store in ${dataDir} is on its way to another place: ${other.map((part) => `${part} ${record.to[part]}, not ${place[part]}`).join('; ')}. Nothing was moved`,
  );
}

function sumOf<T>(things: readonly T[], count: (thing: T) => number): number {
  return things.reduce((sum, thing) => sum + count(thing), 0);
}
