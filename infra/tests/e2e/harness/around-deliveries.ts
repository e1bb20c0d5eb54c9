import type { Backend, Consumers } from '@paid-community/shared/platform/backends/backend.ts';

/** `source` is the name of the subscription or queue. */
export type AroundDelivery = (source: string, handle: () => Promise<void>) => Promise<void>;

export function consumersAround({ subscriptions, tasks }: Consumers, around: AroundDelivery): Consumers {
  return {
    subscriptions: subscriptions.map((each) => ({
      ...each,
      handle: (message) => around(each.subscription.name, () => each.handle(message)),
    })),
    tasks: tasks.map(({ queue, handle }) => ({ queue, handle: (task) => around(queue.name, () => handle(task)) })),
  };
}

/** The same backend, whose deliveries reach their handlers through `around`. */
export function aroundDeliveries(backend: Backend, around: AroundDelivery): Backend {
  return {
    eventBus: backend.eventBus,
    taskQueue: backend.taskQueue,
    store: backend.store,
    administration: backend.administration,
    checkReady: () => backend.checkReady(),
    close: () => backend.close(),
    deliverTo: (consumers, isBusy) => backend.deliverTo(consumersAround(consumers, around), isBusy),
  };
}
