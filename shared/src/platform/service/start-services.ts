import type { Server } from 'node:http';
import type { Backend } from '../backends/backend.ts';
import { createApp } from '../http/app.ts';
import { healthRoutes } from '../http/health.ts';
import { HttpLoad } from '../http/http-load.ts';
import { listen } from '../http/http-server.ts';
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports/clock.ts';
import { metricsRoutes } from '../http/metrics-route.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { parkPoisonMessages, parkPoisonTasks } from './park-poison.ts';
import type { Service } from './service.ts';

/** Handlers get this long to finish; with the rest of the stop it stays under the shutdown deadline. */
const DRAIN_MS = 7_000;
/** Requests get this long before their connections are cut; nothing was acknowledged to their callers. */
const HTTP_DRAIN_MS = 1_000;

export interface RunningServices {
  readonly port: number;
  /** Stops taking work, finishes or hands back what is under way, closes the backend, sends the last measurements. */
  stop(): Promise<void>;
}

/** Mounts services on one HTTP server and one backend, and starts delivery once the port is open. */
export async function startServices(options: {
  readonly services: readonly Service[];
  readonly backend: Backend;
  readonly host: string;
  readonly port: number;
  /** How long a connection without a request is kept; 65 seconds unless said otherwise. */
  readonly keepAliveMs?: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Stopped with the services. */
  readonly telemetry?: Telemetry;
  /** Who may read the metrics; everybody when there are none. */
  readonly metricsKeys?: readonly string[] | undefined;
}): Promise<RunningServices> {
  const { services, backend, clock, log, telemetry = noTelemetry } = options;
  const deps = { eventBus: backend.eventBus, clock, log, telemetry };
  const load = new HttpLoad(clock);
  const consumers = {
    subscriptions: services.flatMap((service) =>
      service.subscriptions.map((binding) => parkPoisonMessages(binding, deps)),
    ),
    tasks: services.flatMap((service) => service.tasks.map((binding) => parkPoisonTasks(binding, deps))),
  };
  const delivery = backend.deliverTo(consumers, () => load.isBusy);
  try {
    const routes = [
      ...services.flatMap((service) => service.routes),
      ...healthRoutes(backend, clock),
      ...metricsRoutes(telemetry, options.metricsKeys ?? [], clock),
      ...delivery.routes,
    ];
    const { server, port } = await listen(createApp(routes, log, load, telemetry), options);
    return {
      port,
      stop: async () => {
        await closeServer(server);
        await delivery.stop(DRAIN_MS);
        await backend.close();
        await telemetry.stop();
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
