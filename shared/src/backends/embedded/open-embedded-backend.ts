import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '../../log/logger.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Queue, Topology } from '../../topology-types.ts';
import type { Administration, Backend, Consumers, Delivery } from '../backend.ts';
import { openDatabase } from './database.ts';
import { DispatchLoop, type DispatchLimits, type DispatchSource } from './dispatch-loop.ts';
import { GroupCommit } from './group-commit.ts';
import { RateLimit } from './rate-limit.ts';
import { SqliteBusAdministration } from './sqlite-bus-administration.ts';
import { SqliteDocumentStore } from './sqlite-document-store.ts';
import { SqliteEventBus } from './sqlite-event-bus.ts';
import { SqliteStoreAdministration } from './sqlite-store-administration.ts';
import { SqliteTaskQueue } from './sqlite-task-queue.ts';
import { Sweep } from './sweep.ts';

export interface EmbeddedBackendOptions {
  /** Folder of the store; made when missing. One process at a time. */
  readonly dataDir: string;
  readonly topology: Topology;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The three ports on one SQLite file in this process, for one machine.
 * @throws StoreStartError when DATA_DIR cannot be used; its message says why and what to do.
 */
export function openEmbeddedBackend(options: EmbeddedBackendOptions): Backend {
  return new EmbeddedBackend(openDatabase(options.dataDir), options);
}

/** Room that `checkReady` proves by taking and giving it back. */
const PROBE_BYTES = 65_536;

/** The parts put together on an open database. Exported for tests that need to get at that database. */
export class EmbeddedBackend implements Backend {
  readonly eventBus: SqliteEventBus;
  readonly taskQueue: SqliteTaskQueue;
  readonly documentStore: SqliteDocumentStore;
  readonly administration: Administration;
  readonly writes: GroupCommit;
  readonly #database: DatabaseSync;
  readonly #queues: readonly Queue[];
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #sweep: Sweep;
  readonly #probe;
  #delivery: Delivery | undefined;
  #closing: Promise<void> | undefined;

  constructor(database: DatabaseSync, options: Omit<EmbeddedBackendOptions, 'dataDir'>) {
    const { topology, clock, log } = options;
    this.#database = database;
    this.#queues = topology.queues;
    this.#clock = clock;
    this.#log = log;
    this.writes = new GroupCommit(database, log);
    this.eventBus = new SqliteEventBus(database, this.writes, topology, clock, log);
    this.taskQueue = new SqliteTaskQueue(database, this.writes, topology, clock);
    this.documentStore = new SqliteDocumentStore(database, this.writes, topology, clock);
    this.administration = {
      bus: new SqliteBusAdministration(database, this.writes, this.eventBus, topology, clock),
      queue: this.taskQueue,
      store: new SqliteStoreAdministration(database, clock),
    };
    this.#sweep = new Sweep(database, this.writes, topology, clock, log);
    this.#probe = {
      take: database.prepare(`INSERT INTO probes (room) VALUES (zeroblob(${PROBE_BYTES}))`),
      giveBack: database.prepare('DELETE FROM probes WHERE id < ?'),
    };
    this.#sweep.start();
  }

  deliverTo(consumers: Consumers, isBusy?: () => boolean): Delivery {
    if (this.#delivery !== undefined) throw new Error('deliverTo has been called already');
    // The opened topology decides: the settings may have given it other rates than the ones that a consumer was written with.
    const tasks = consumers.tasks.map(({ queue, handle }) => ({ queue: this.#queues.find(({ name }) => name === queue.name) ?? queue, handle }));
    const loops = [
      ...consumers.subscriptions.map(({ subscription, handle }) =>
        this.#startLoop((wake) => this.eventBus.sourceOf(subscription, handle, wake), {
          maxConcurrency: subscription.maxConcurrency,
          deadlineMs: subscription.ackDeadlineSeconds * 1_000,
          isBusy,
        }),
      ),
      ...tasks.map(({ queue, handle }) =>
        this.#startLoop((wake) => this.taskQueue.sourceOf(queue, handle, wake), {
          maxConcurrency: queue.maxConcurrentDispatches,
          deadlineMs: queue.dispatchDeadlineSeconds * 1_000,
          isBusy,
          rateLimit: new RateLimit(queue.maxDispatchesPerSecond, this.#clock),
        }),
      ),
    ];
    this.#delivery = {
      routes: [],
      stop: async (drainMs) => {
        await Promise.all(loops.map((loop) => loop.stop(drainMs)));
      },
    };
    return this.#delivery;
  }

  async checkReady(): Promise<void> {
    await this.writes.write(() => {
      const { lastInsertRowid } = this.#probe.take.run();
      this.#probe.giveBack.run(lastInsertRowid);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#delivery?.stop(0);
    this.writes.close();
    await this.#sweep.stop();
    this.#database.close();
  }

  #startLoop<Job>(makeSource: (wake: () => void) => DispatchSource<Job>, limits: DispatchLimits): { stop(drainMs: number): Promise<void> } {
    const source = makeSource(() => {
      loop.wake();
    });
    const loop: DispatchLoop<Job> = new DispatchLoop(source, limits, this.#clock, this.#log);
    loop.wake();
    return loop;
  }
}
