import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { Backend, Consumers, Delivery } from '@paid-community/shared/backends/backend.ts';
import { createPubSubTopology } from '@paid-community/shared/backends/gcp/create-pubsub-topology.ts';
import { openGcpBackend, type GcpBackendOptions } from '@paid-community/shared/backends/gcp/open-gcp-backend.ts';
import { createApp } from '@paid-community/shared/http/app.ts';
import { systemClock } from '@paid-community/shared/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/log/logger.ts';
import type { ContractHarness } from '@paid-community/shared/testing/contracts/harness.ts';
import type { Queue, Subscription, Topology } from '@paid-community/shared/topology-types.ts';
import { queueOptionsOf } from '../cloud-tasks-emulator/queue-settings.ts';
import { startCloudTasksEmulator } from '../cloud-tasks-emulator/start-cloud-tasks-emulator.ts';

const PROJECT = 'contract-tests';
const LOCATION = 'asia-south1';
const log = createLogger({ level: 'silent', secrets: [] });

export interface EmulatorHosts {
  readonly pubSub?: string;
  readonly firestore?: string;
}

/**
 * The gcp backend on emulators that are running already; one for Cloud Tasks is started for each test. The emulators are
 * processes of their own and keep what they hold in memory: crashing them would prove nothing about Google, so canCrash is false.
 */
export function gcpHarness(hosts: () => EmulatorHosts): ContractHarness {
  return {
    name: 'Google Cloud (emulators)',
    canCrash: false,
    open: async (topology) => {
      const endpoints = new Endpoints();
      const url = await endpoints.listen();
      const tasks = topology.queues.length === 0 ? undefined : await startTasks(topology.queues);
      const { pubSub, firestore } = hosts();
      if (topology.topics.length > 0) {
        const place = { projectId: PROJECT, emulatorHost: pubSub };
        await createPubSubTopology(place, topology, (subscription) => `${url}${prefixOf(subscription)}/pubsub/${subscription.topic.name}`);
      }
      const options: GcpBackendOptions = {
        projectId: PROJECT,
        pubSubEmulatorHost: pubSub,
        firestoreEmulatorHost: firestore,
        ...(tasks === undefined ? {} : { tasks: { emulatorHost: tasks.host, location: LOCATION, queueId: ({ name }) => name, targetUrl: url, identity: undefined } }),
        pushCaller: 'anybody',
        taskCaller: 'anybody',
        topology,
        clock: systemClock,
        log,
      };
      const backend = openGcpBackend(options);
      return {
        backend: { ...backend, deliverTo: (consumers) => mount(consumers, backend, endpoints) },
        close: async () => {
          await tasks?.close();
          await endpoints.close();
          await backend.close();
        },
      };
    },
  };
}

function startTasks(queues: Topology['queues']): ReturnType<typeof startCloudTasksEmulator> {
  return startCloudTasksEmulator({ queues: queues.map((queue: Queue) => queueOptionsOf(queue, { project: PROJECT, location: LOCATION })) });
}

// The suites give one process several subscriptions of a topic, which no service of ours has: each gets a path of its own here.
function prefixOf(subscription: Subscription): string {
  return `/${subscription.name}`;
}

function mount(consumers: Consumers, backend: Backend, endpoints: Endpoints): Delivery {
  const deliveries = [
    ...consumers.subscriptions.map((binding) => ({ prefix: prefixOf(binding.subscription), consumers: { subscriptions: [binding], tasks: [] } })),
    { prefix: '', consumers: { subscriptions: [], tasks: consumers.tasks } },
  ].map(({ prefix, consumers: part }) => {
    const delivery = backend.deliverTo(part);
    const answer = createApp(delivery.routes, log).callback();
    endpoints.mount(prefix, (request, response) => {
      // Koa answers every error itself.
      void answer(request, response);
    });
    return delivery;
  });
  return {
    routes: [],
    stop: async (drainMs) => {
      await Promise.all(deliveries.map((delivery) => delivery.stop(drainMs)));
    },
  };
}

/**
 * An HTTP server whose parts come later. What arrives before waits, as Cloud Run lets it wait for an instance that starts: an
 * answer of 503 would count as an attempt.
 */
class Endpoints {
  readonly #parts: { readonly prefix: string; readonly listener: RequestListener }[] = [];
  readonly #waiting = new Set<() => boolean>();
  readonly #server: Server = createServer((request, response) => {
    const serve = (): boolean => {
      const path = request.url ?? '/';
      const part = this.#parts.find(({ prefix }) => path.startsWith(`${prefix}/`));
      if (part === undefined) return false;
      request.url = path.slice(part.prefix.length);
      part.listener(request, response);
      return true;
    };
    if (serve()) return;
    this.#waiting.add(serve);
    response.on('close', () => this.#waiting.delete(serve));
  });

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no port');
    return `http://127.0.0.1:${address.port}`;
  }

  mount(prefix: string, listener: RequestListener): void {
    // The empty prefix fits everything, so it is asked last.
    this.#parts.push({ prefix, listener });
    this.#parts.sort((a, b) => b.prefix.length - a.prefix.length);
    for (const serve of this.#waiting) if (serve()) this.#waiting.delete(serve);
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
