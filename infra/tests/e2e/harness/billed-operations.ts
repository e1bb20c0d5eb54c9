import type { Backend, Consumers } from '@paid-community/shared/platform/backends/backend.ts';
import type { Write } from '@paid-community/shared/platform/ports/document-store.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { chatStandings } from '@paid-community/shared/model/communities/chat-standing.ts';
import { botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { connectionCodes } from '@paid-community/shared/model/communities/connection-code.ts';
import type { Collection } from '@paid-community/shared/platform/ports/topology-types.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { storedBytes } from './stored-bytes.ts';

/** What Google charges for, by its own rules (cloud.google.com/firestore/pricing, cloud.google.com/tasks/pricing). */
export interface BilledOperations {
  /** A document that was read, also one that does not exist. */
  readonly reads: number;
  /**
   * A document in a commit, also one that failed its condition: Google does not say, and this is the dearer reading.
   */
  readonly writes: number;
  readonly deletes: number;
  /** A task that is created, a name that turns out to be taken, and each dispatch. */
  readonly taskOperations: number;
}

const COUNT_ENTRIES_PER_READ = 1_000;

/** Written as time passes, however many purchases there are: the pace, and what a look at a chat has shown. */
const KEPT_BY_TIME: readonly string[] = [botRates.name, chatStandings.name];

/** Read again as time passes, however many purchases there are: which communities there are, and which open codes. */
const READ_BY_TIME: readonly string[] = [communities.name, connectionCodes.name];

/**
 * Counts at the ports, so it makes no difference which engine stands behind them: a call of a port is what becomes
 * billed.
 */
export class OperationCounter {
  #counts = { reads: 0, writes: 0, deletes: 0, taskOperations: 0 };
  #pace = { reads: 0, writes: 0 };
  #messages = 0;
  readonly #queriesByTime = new Map<string, number>();
  readonly #kept = new Map<string, { readonly bytes: number; readonly expires: boolean }>();
  /** Each message and task that was dealt with, so that a test can deliver it again. */
  readonly delivered: { readonly source: string; readonly again: () => Promise<void> }[] = [];

  get counts(): BilledOperations {
    return { ...this.#counts };
  }

  /** Messages that were published. */
  get messages(): number {
    return this.#messages;
  }

  /**
   * What keeping the pace costs, apart from the others: it depends on the time that passes, not on the number of
   * invites.
   */
  get pace(): Pick<BilledOperations, 'reads' | 'writes'> {
    return { ...this.#pace };
  }

  /** How often a collection of READ_BY_TIME was asked. These are apart as well. */
  queriesByTime({ name }: Pick<Collection<object>, 'name'>): number {
    return this.#queriesByTime.get(name) ?? 0;
  }

  /** What is there now and will expire, as Firestore would store it. */
  get kept(): { readonly documents: number; readonly bytes: number } {
    const expiring = [...this.#kept.values()].filter(({ expires }) => expires);
    return { documents: expiring.length, bytes: expiring.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  /** Starts anew. */
  reset(): void {
    this.#counts = { reads: 0, writes: 0, deletes: 0, taskOperations: 0 };
    this.#pace = { reads: 0, writes: 0 };
    this.#messages = 0;
    this.#queriesByTime.clear();
    this.delivered.length = 0;
    this.#kept.clear();
  }

  /** The backend with the counter around its bus, its store and its queue. */
  around(backend: Backend): Backend {
    const { eventBus, store, taskQueue } = backend;
    return {
      eventBus: {
        publish: (topic, message) => {
          this.#messages += 1;
          return eventBus.publish(topic, message);
        },
        seek: (subscription, since) => eventBus.seek(subscription, since),
      },
      administration: backend.administration,
      store: {
        get: (collection, id) => {
          (KEPT_BY_TIME.includes(collection.name) ? this.#pace : this.#counts).reads += 1;
          return store.get(collection, id);
        },
        commit: async (writes) => {
          for (const { kind, collection } of writes) {
            if (KEPT_BY_TIME.includes(collection)) this.#pace.writes += 1;
            else if (kind === 'delete') this.#counts.deletes += 1;
            else this.#counts.writes += 1;
          }
          await store.commit(writes);
          for (const write of writes) this.#keep(write);
        },
        query: async (query) => {
          const page = await store.query(query);
          // Joins that were not told are looked for by itself only where no read is billed.
          const { name } = query.collection;
          if (name === joins.name && 'recordedOn' in query.where) return page;
          if (READ_BY_TIME.includes(name)) {
            this.#queriesByTime.set(name, this.queriesByTime(query.collection) + 1);
            return page;
          }
          // The document beyond the page was read too; and a query that finds nothing costs one.
          this.#counts.reads += Math.max(1, page.documents.length + (page.nextCursor === undefined ? 0 : 1));
          return page;
        },
        count: async (query) => {
          const count = await store.count(query);
          this.#counts.reads += Math.max(1, Math.ceil(count / COUNT_ENTRIES_PER_READ));
          return count;
        },
      },
      taskQueue: {
        enqueue: (queue, task) => {
          this.#counts.taskOperations += 1;
          return taskQueue.enqueue(queue, task);
        },
      },
      deliverTo: (consumers) => backend.deliverTo(this.#counted(consumers)),
      checkReady: () => backend.checkReady(),
      close: () => backend.close(),
    };
  }

  #keep(write: Write): void {
    const { collection, id } = write;
    const key = `${collection}/${id}`;
    const ttlField = topology.collections.find(({ name }) => name === collection)?.ttlField;
    if (write.kind === 'delete') this.#kept.delete(key);
    else
      this.#kept.set(key, {
        bytes: storedBytes(collection, id, withoutUndefined(write.data)),
        expires: ttlField !== undefined && ttlField in write.data,
      });
  }

  #counted({ subscriptions, tasks }: Consumers): Consumers {
    return {
      subscriptions: subscriptions.map(({ subscription, handle }) => ({
        subscription,
        handle: (message) => this.#deliver(subscription.name, () => handle(message)),
      })),
      tasks: tasks.map(({ queue, handle }) => ({
        queue,
        handle: (task) =>
          this.#deliver(queue.name, () => {
            this.#counts.taskOperations += 1;
            return handle(task);
          }),
      })),
    };
  }

  async #deliver(source: string, again: () => Promise<void>): Promise<void> {
    this.delivered.push({ source, again });
    await again();
  }
}

/** What a store keeps of a document. */
function withoutUndefined(data: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}
