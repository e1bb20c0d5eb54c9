import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { consumersAround } from './around-deliveries.ts';

/** The moment at which a process kills itself: just before or just after the n-th run of an operation took effect. */
export interface CrashPoint {
  readonly moment: 'before' | 'after';
  /**
   * `publish <topic>`, `enqueue <queue>`, `create|update|delete <collection>`, or
   * `acknowledge <subscription or queue>` (the handler is done, the bus does not know yet).
   */
  readonly operation: string;
  /** 1 by default. */
  readonly call?: number;
  /**
   * How long the operation stands still before the end, as on a slow disk; 0 by default. Code that does not wait for it
   * shows.
   */
  readonly holdMs?: number;
}

/** Around every port, so that no service knows about it. */
export function crashAt(backend: Backend, point: CrashPoint): Backend {
  const { eventBus, taskQueue, store } = backend;
  let callsToGo = point.call ?? 1;

  async function around<T>(operations: readonly string[], work: () => Promise<T>): Promise<T> {
    const isIt = operations.includes(point.operation) && --callsToGo === 0;
    if (isIt && point.moment === 'before') await die(point.holdMs);
    const result = await work();
    if (isIt && point.moment === 'after') await die(point.holdMs);
    return result;
  }

  const acknowledged = (name: string, handle: () => Promise<void>): Promise<void> =>
    handle().then(() => around([`acknowledge ${name}`], () => Promise.resolve()));

  return {
    eventBus: {
      publish: (topic, message) => around([`publish ${topic.name}`], () => eventBus.publish(topic, message)),
      seek: (subscription, since) => eventBus.seek(subscription, since),
    },
    taskQueue: {
      enqueue: (queue, task) => around([`enqueue ${queue.name}`], () => taskQueue.enqueue(queue, task)),
    },
    store: {
      get: (collection, id) => store.get(collection, id),
      commit: (writes) =>
        around(
          writes.map(({ kind, collection }) => `${kind} ${collection}`),
          () => store.commit(writes),
        ),
      query: (query) => store.query(query),
      count: (query) => store.count(query),
    },
    administration: backend.administration,
    deliverTo: (consumers) => backend.deliverTo(consumersAround(consumers, acknowledged)),
    checkReady: () => backend.checkReady(),
    close: () => backend.close(),
  };
}

/** SIGKILL runs no handler and flushes nothing; it may take a moment to arrive, in which nothing more must happen. */
async function die(holdMs = 0): Promise<never> {
  if (holdMs > 0) await sleep(holdMs);
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined);
}
