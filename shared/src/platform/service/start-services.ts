import type { Server } from 'node:http';
import type { Backend } from '../backends/backend.ts';
import { createApp } from '../http/app.ts';
import { healthRoutes } from '../http/health.ts';
import { HttpLoad } from '../http/http-load.ts';
import { listen } from '../http/http-server.ts';
import { metricsRoutes } from '../http/metrics-route.ts';
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports/clock.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { deliverMessages, deliverTasks } from './deliver.ts';
import { runBackground } from './run-background.ts';
import type { Service } from './service.ts';

/** Handlers get this long to finish; with the rest of the stop it stays under the shutdown deadline. */
const DRAIN_MS = 7_000;
/** Requests get this long before their connections are cut; nothing was acknowledged to their callers. */
const HTTP_DRAIN_MS = 1_000;

export interface StartServicesOptions {
  readonly services: readonly Service[];
  readonly backend: Backend;
  readonly host: string;
  readonly port: number;
  /** How long a connection without a request is kept; 65 seconds unless said otherwise. */
  readonly keepAliveMs?: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  /** Callers that may read the metrics; everybody when there are none. */
  readonly metricsKeys?: readonly string[] | undefined;
  /** Told the port before any background work begins. */
  readonly onListening?: ((port: number) => void) | undefined;
}

export interface RunningServices {
  readonly port: number;
  /** Ends background work, takes no new work, and finishes or hands back what is under way. */
  stop(): Promise<void>;
}

/**
 * Mounts services on one HTTP server and one backend, and starts delivery and background work. What it was given stays
 * open: the caller closes it. @throws an Error that names the port; nothing runs then.
 */
export async function startServices(options: StartServicesOptions): Promise<RunningServices> {
  const { services, backend, clock, log, telemetry } = options;
  const deps = { eventBus: backend.eventBus, clock, log, telemetry };
  const load = new HttpLoad(clock);
  const consumers = {
    subscriptions: services.flatMap((service) =>
      service.subscriptions.map((binding) => deliverMessages(binding, deps)),
    ),
    tasks: services.flatMap((service) => service.tasks.map((binding) => deliverTasks(binding, deps))),
  };
  const delivery = backend.deliverTo(consumers, () => load.isBusy);
  try {
    const routes = [
      ...services.flatMap((service) => service.routes),
      ...healthRoutes(backend, clock),
      ...metricsRoutes(telemetry, options.metricsKeys ?? [], clock),
      ...delivery.routes,
    ];
    const { server, port } = await listen(createApp(routes, log, telemetry, load), options);
    options.onListening?.(port);
    const background = runBackground(services, { clock, log });
    return {
      port,
      stop: async () => {
        await background.stop();
        await closeServer(server);
        await delivery.stop(DRAIN_MS);
      },
    };
  } catch (error) {
    await delivery.stop(0);
    throw error;
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), HTTP_DRAIN_MS);
  await closed;
  clearTimeout(cut);
}
