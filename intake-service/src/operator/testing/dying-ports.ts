import type { OperatorDeps } from '../http/operation.ts';

type Ports = Pick<OperatorDeps, 'store' | 'eventBus' | 'taskQueue' | 'administration'>;

export interface Death {
  /** Which of the calls that change something; the first is 1. */
  readonly call: number;
  readonly moment: 'before' | 'after';
}

export class Killed extends Error {}

/** Ports of a process that dies at that call: from then on nothing that it asks for happens. */
export function dyingPorts(ports: Ports, death: Death): { readonly ports: Ports; readonly isDead: () => boolean } {
  let calls = 0;
  let isDead = false;
  const living = <T>(work: () => Promise<T>): Promise<T> => (isDead ? Promise.reject(new Killed('dead')) : work());
  const changing = <T>(work: () => Promise<T>): Promise<T> =>
    living(async () => {
      calls += 1;
      if (calls !== death.call) return work();
      isDead = true;
      if (death.moment === 'after') await work();
      throw new Killed(`${death.moment} call ${death.call}`);
    });
  const { store, eventBus, taskQueue, administration } = ports;
  const { bus } = administration;
  return {
    isDead: () => isDead,
    ports: {
      store: {
        get: (collection, id) => living(() => store.get(collection, id)),
        query: (query) => living(() => store.query(query)),
        count: (query) => living(() => store.count(query)),
        commit: (writes) => changing(() => store.commit(writes)),
      },
      eventBus: {
        publish: (topic, message) => changing(() => eventBus.publish(topic, message)),
        seek: (subscription, time) => changing(() => eventBus.seek(subscription, time)),
      },
      taskQueue: { enqueue: (queue, task) => changing(() => taskQueue.enqueue(queue, task)) },
      administration: {
        ...administration,
        bus: {
          backlog: (subscription) => living(() => bus.backlog(subscription)),
          listSnapshots: () => living(() => bus.listSnapshots()),
          readRetained: (query) => living(() => bus.readRetained(query)),
          createSnapshot: (name, subscription) => changing(() => bus.createSnapshot(name, subscription)),
          deleteSnapshot: (name) => changing(() => bus.deleteSnapshot(name)),
          seekToSnapshot: (subscription, name) => changing(() => bus.seekToSnapshot(subscription, name)),
          removeRetained: (topic, ids) => changing(() => bus.removeRetained(topic, ids)),
        },
      },
    },
  };
}
