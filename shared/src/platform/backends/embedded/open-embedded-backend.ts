import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '../../log/logger.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Queue, Topology } from '../../ports/topology-types.ts';
import type { Administration, Backend, Consumers, Delivery } from '../backend.ts';
import type { StoreContents } from '../store-contents.ts';
import { ClockWatch } from './clock-watch.ts';
import { DamageWalk } from './damage-walk.ts';
import { openDatabase, startNumber, toStartError } from './database.ts';
import { DispatchLoop, type DispatchLimits, type DispatchSource } from './dispatch-loop.ts';
import { GroupCommit } from './group-commit.ts';
import { RateLimit } from './rate-limit.ts';
import { SqliteBusAdministration } from './sqlite-bus-administration.ts';
import { SqliteDocumentStore } from './sqlite-document-store.ts';
import { SqliteEventBus } from './sqlite-event-bus.ts';
import { SqliteStoreContents } from './sqlite-store-contents.ts';
import { SqliteStoreAdministration } from './sqlite-store-administration.ts';
import { SqliteTaskQueue } from './sqlite-task-queue.ts';
import { sqliteCodeOf } from './store-errors.ts';
import { Suspects, type Suspicion } from './suspects.ts';
import { Sweep } from './sweep.ts';
import { UnderWayJournal } from './under-way-journal.ts';

export interface EmbeddedBackendOptions {
  /** Folder of the store; made when missing. One process at a time. */
  readonly dataDir: string;
  readonly topology: Topology;
  readonly clock: Clock;
  readonly log: Logger;
  /** Looks at the store before anything is delivered or swept; when it throws, the store is closed. */
  readonly inspect?: ((contents: StoreContents) => void) | undefined;
}

/**
 * The three ports on one SQLite file in this process, for one machine.
 * @throws StoreStartError when DATA_DIR cannot be used; its message says why and what to do.
 */
export function openEmbeddedBackend(options: EmbeddedBackendOptions): Backend {
  const database = openDatabase(options.dataDir);
  try {
    options.inspect?.(new SqliteStoreContents(database));
  } catch (error) {
    database.close();
    throw error;
  }
  try {
    const journal = new UnderWayJournal(options.dataDir, startNumber(database), options.log);
    return new EmbeddedBackend(database, options, new Suspects(journal, options.clock));
  } catch (error) {
    database.close();
    // The parts read the store when they are made, and may be the first to meet damage.
    throw sqliteCodeOf(error) === undefined ? error : toStartError(error, options.dataDir);
  }
}

/** Room that `checkReady` proves by taking and giving it back. */
const PROBE_BYTES = 65_536;

/** The parts put together on an open database. Exported for tests that need to get at that database. */
export class EmbeddedBackend implements Backend {
  readonly eventBus: SqliteEventBus;
  readonly taskQueue: SqliteTaskQueue;
  readonly store: SqliteDocumentStore;
  readonly administration: Administration;
  readonly writes: GroupCommit;
  readonly #database: DatabaseSync;
  readonly #queues: readonly Queue[];
  readonly #clock: ClockWatch;
  readonly #suspects: Suspects | undefined;
  readonly #log: Logger;
  readonly #sweep: Sweep;
  readonly #damageWalk: DamageWalk;
  readonly #probe;
  #delivery: Delivery | undefined;
  #closing: Promise<void> | undefined;

  constructor(database: DatabaseSync, options: Omit<EmbeddedBackendOptions, 'dataDir'>, suspects?: Suspects) {
    const { topology, log } = options;
    this.#clock = new ClockWatch(database, topology, options.clock, log);
    this.#suspects = suspects;
    const clock = this.#clock.storeClock;
    this.#database = database;
    this.#queues = topology.queues;
    this.#log = log;
    this.writes = new GroupCommit(database, log);
    this.eventBus = new SqliteEventBus(database, this.writes, topology, clock, log);
    this.taskQueue = new SqliteTaskQueue(database, this.writes, topology, clock);
    this.store = new SqliteDocumentStore(database, this.writes, topology, clock);
    this.administration = {
      bus: new SqliteBusAdministration(database, this.writes, this.eventBus, topology, clock),
      queue: this.taskQueue,
      store: new SqliteStoreAdministration(database, this.writes, clock),
      clock: this.#clock,
    };
    this.#sweep = new Sweep(database, this.writes, topology, clock, log);
    this.#probe = {
      take: database.prepare(`INSERT INTO probes (room) VALUES (zeroblob(${PROBE_BYTES}))`),
      giveBack: database.prepare('DELETE FROM probes WHERE id < ?'),
    };
    this.#sweep.start();
    this.#clock.start(this.writes);
    this.#damageWalk = new DamageWalk(database, this.writes, clock, log);
    this.#damageWalk.start();
  }

  deliverTo(consumers: Consumers, isBusy?: () => boolean): Delivery {
    if (this.#delivery !== undefined) throw new Error('deliverTo has been called already');
    // The opened topology decides: the settings may have given it other rates than the ones that a consumer was written
    // with.
    const tasks = consumers.tasks.map(({ queue, handle }) => ({
      queue: this.#queues.find(({ name }) => name === queue.name) ?? queue,
      handle,
    }));
    const loops = [
      ...consumers.subscriptions.map(({ subscription, handle, isUrgent = () => false }) =>
        this.#startLoop(subscription.name, (wake) => this.eventBus.sourceOf(subscription, handle, wake), {
          maxConcurrency: subscription.maxConcurrency,
          deadlineMs: subscription.ackDeadlineSeconds * 1_000,
          isBusy: () => isBusy?.() === true && !isUrgent(),
        }),
      ),
      ...tasks.map(({ queue, handle }) =>
        this.#startLoop(queue.name, (wake) => this.taskQueue.sourceOf(queue, handle, wake), {
          maxConcurrency: queue.maxConcurrentDispatches,
          deadlineMs: queue.dispatchDeadlineSeconds * 1_000,
          isBusy,
          rateLimit: new RateLimit(queue.maxDispatchesPerSecond, this.#clock.storeClock),
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
    this.#suspects?.close();
    await this.#clock.stop(this.writes);
    this.writes.close();
    await Promise.all([this.#sweep.stop(), this.#damageWalk.stop()]);
    this.#database.close();
  }

  /**
   * Damage that a loop meets is damage of the store; after it nothing more is started, because its outcome could not be
   * stored.
   */
  #watched<Job>(source: DispatchSource<Job>): DispatchSource<Job> {
    const { writes } = this;
    return {
      ...source,
      dueKeys: (nowMs, limit) => (writes.isDamaged ? [] : writes.read(() => source.dueKeys(nowMs, limit))),
      nextDueAt: (nowMs) => (writes.isDamaged ? undefined : writes.read(() => source.nextDueAt(nowMs))),
      load: (key, processDeaths) => (writes.isDamaged ? undefined : writes.read(() => source.load(key, processDeaths))),
    };
  }

  #startLoop<Job>(
    name: string,
    makeSource: (wake: () => void) => DispatchSource<Job>,
    limits: Omit<DispatchLimits, 'suspicion'>,
  ): { stop(drainMs: number): Promise<void> } {
    const wake = (): void => {
      loop.wake();
    };
    const suspicion: Suspicion | undefined = this.#suspects?.of(name, wake);
    const loop: DispatchLoop<Job> = new DispatchLoop(
      this.#watched(makeSource(wake)),
      { ...limits, suspicion },
      this.#clock.storeClock.due,
      this.#log,
    );
    loop.wake();
    return loop;
  }
}
