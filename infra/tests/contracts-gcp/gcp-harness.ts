import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { Backend, Consumers, Delivery } from '@paid-community/shared/platform/backends/backend.ts';
import { createPubSubTopology } from '@paid-community/shared/platform/backends/gcp/create-pubsub-topology.ts';
import {
  openGcpBackend,
  type GcpBackendOptions,
} from '@paid-community/shared/platform/backends/gcp/open-gcp-backend.ts';
import { pushPath } from '@paid-community/shared/platform/backends/gcp/push-path.ts';
import { createApp } from '@paid-community/shared/platform/http/app.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import type { ContractHarness } from '@paid-community/shared/platform/testing/contracts/harness.ts';
import type { Queue, Subscription, Topology } from '@paid-community/shared/platform/ports/topology-types.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { queueOptionsOf } from '../../run/cloud-tasks-emulator/queue-settings.ts';
import { startCloudTasksEmulator } from '../../run/cloud-tasks-emulator/start-cloud-tasks-emulator.ts';
import { deleteSubscriptions } from '../emulators/delete-subscriptions.ts';
import { lendPushers } from './more-pushers.ts';

const PROJECT = 'contract-tests';
const LOCATION = 'asia-south1';
const log = createLogger({ level: 'silent', secrets: [] });

export interface EmulatorHosts {
  readonly pubSub?: string;
  readonly firestore?: string;
}

/**
 * The gcp backend on emulators that are running already; one for Cloud Tasks is started for each test. What crashes is
 * our side, with every connection cut; the emulators keep what they hold in memory, and crashing them would prove
 * nothing about Google.
 */
export function gcpHarness(hosts: () => EmulatorHosts): ContractHarness {
  return {
    name: 'Google Cloud (emulators)',
    canCrash: true,
    open: async (topology) => {
      const endpoints = new Endpoints();
      const url = await endpoints.listen();
      const tasks = topology.queues.length === 0 ? undefined : await startTasks(topology.queues);
      const { pubSub, firestore } = hosts();
      const place = { projectId: PROJECT, emulatorHost: pubSub };
      const pushUrl = (subscription: Subscription): string =>
        `${url}${prefixOf(subscription)}${pushPath(subscription.topic.name)}`;
      if (topology.topics.length > 0) await createPubSubTopology(place, topology, pushUrl);
      const pushers = await Promise.all(
        topology.subscriptions.map((subscription) =>
          lendPushers(place, subscription, {
            url: pushUrl(subscription),
            pushesUnderWay: () => endpoints.underWay(prefixOf(subscription)),
          }),
        ),
      );
      const options: GcpBackendOptions = {
        projectId: PROJECT,
        pubSubEmulatorHost: pubSub,
        firestoreEmulatorHost: firestore,
        ...(tasks === undefined
          ? {}
          : {
              tasks: {
                emulatorHost: tasks.host,
                location: LOCATION,
                queueId: ({ name }) => name,
                targetUrl: ({ service }) => `${url}/${service}`,
                serviceAccount: undefined,
              },
            }),
        pushCaller: 'anybody',
        taskCaller: 'anybody',
        topology,
        clock: systemClock,
        log,
      };
      const backends: Backend[] = [];
      const open = (): Backend => {
        const backend = openGcpBackend(options);
        backends.push(backend);
        return { ...backend, deliverTo: (consumers) => mount(consumers, backend, endpoints) };
      };
      return {
        backend: open(),
        crashAndReopen: () => {
          endpoints.crash();
          return Promise.resolve(open());
        },
        close: async () => {
          await tasks?.close();
          await Promise.all(pushers.map((pusher) => pusher.stop()));
          if (topology.topics.length > 0) await deleteSubscriptions(place, topology.subscriptions);
          await endpoints.close();
          await Promise.all(backends.map((backend) => backend.close()));
        },
      };
    },
  };
}

function startTasks(queues: Topology['queues']): ReturnType<typeof startCloudTasksEmulator> {
  return startCloudTasksEmulator({
    queues: queues.map((queue: Queue) => queueOptionsOf(queue, { project: PROJECT, location: LOCATION })),
  });
}

// The suites give one process several subscriptions of a topic, which no service of ours has: each gets a path of its
// own here.
function prefixOf(subscription: Subscription): string {
  return `/${subscription.name}`;
}

function mount(consumers: Consumers, backend: Backend, endpoints: Endpoints): Delivery {
  const deliveries = [
    ...consumers.subscriptions.map((binding) => ({
      prefix: prefixOf(binding.subscription),
      consumers: { subscriptions: [binding], tasks: [] },
    })),
    // Each service has a URL of its own, and may have several queues.
    ...[...new Set(consumers.tasks.map(({ queue }) => queue.service))].map((service) => ({
      prefix: `/${service}`,
      consumers: { subscriptions: [], tasks: consumers.tasks.filter(({ queue }) => queue.service === service) },
    })),
  ].map(({ prefix, consumers: part }) => {
    const delivery = backend.deliverTo(part);
    const answer = createApp(delivery.routes, log, noTelemetry).callback();
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
 * An HTTP server whose parts come later. What arrives before waits, as Cloud Run lets it wait for an instance that
 * starts: an answer of 503 would count as an attempt.
 */
class Endpoints {
  readonly #parts: { readonly prefix: string; readonly listener: RequestListener }[] = [];
  readonly #waiting = new Set<() => boolean>();
  readonly #underWay: string[] = [];
  readonly #server: Server = createServer((request, response) => {
    const serve = (): boolean => {
      const path = request.url ?? '/';
      const part = this.#parts.find(({ prefix }) => path.startsWith(`${prefix}/`));
      if (part === undefined) return false;
      request.url = path.slice(part.prefix.length);
      part.listener(request, response);
      return true;
    };
    const path = request.url ?? '/';
    this.#underWay.push(path);
    response.on('close', () => {
      this.#waiting.delete(serve);
      this.#underWay.splice(this.#underWay.indexOf(path), 1);
    });
    if (!serve()) this.#waiting.add(serve);
  });

  /** Requests under this prefix that have no answer yet. */
  underWay(prefix: string): number {
    return this.#underWay.filter((path) => path.startsWith(`${prefix}/`)).length;
  }

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

  /** Cuts every connection; what comes from now on waits for the next mount. */
  crash(): void {
    this.#parts.length = 0;
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
