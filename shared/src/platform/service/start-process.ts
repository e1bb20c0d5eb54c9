import type { Backend } from '../backends/backend.ts';
import { instrumentBackend } from '../backends/instrument-backend.ts';
import type { PlatformConfig } from '../config/platform-settings.ts';
import type { TelemetryConfig } from '../config/telemetry-settings.ts';
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports/clock.ts';
import { startTelemetry } from '../telemetry/start-telemetry.ts';
import type { Service } from './service.ts';
import type { ServicePorts } from './service-ports.ts';
import { startServices, type RunningServices } from './start-services.ts';

export interface ProcessOptions {
  /** Of the process, in traces and metrics. */
  readonly name: string;
  readonly config: Pick<PlatformConfig, 'HOST' | 'PORT' | 'HTTP_KEEP_ALIVE_SECONDS'> &
    TelemetryConfig & {
      readonly BACKEND: 'embedded' | 'gcp';
      readonly METRICS_API_KEYS?: PlatformConfig['METRICS_API_KEYS'];
    };
  /** Closed with the process, and when the start fails. */
  readonly backend: Backend;
  /** Each makes one service. */
  readonly services: readonly ((ports: ServicePorts) => Service)[];
  /** Declares the gauges of the process as a whole. */
  readonly observe?: ((ports: ServicePorts) => void) | undefined;
  /** Told the port before any background work begins. */
  readonly onListening?: ((port: number) => void) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Makes the services of a process and starts them, with its telemetry. `stop` closes everything; so does a start that
 * fails, before it rejects.
 */
export async function startProcess(options: ProcessOptions): Promise<RunningServices> {
  const { name, config, clock, log } = options;
  // What was opened last is closed first.
  await using opened = new AsyncDisposableStack();
  // Calls to the outside are cut only after the backend is closed: a call that is cut is no failed attempt.
  const afterBackend = opened.use(new AsyncDisposableStack());
  opened.defer(() => options.backend.close());
  const telemetry = await startTelemetry({ config, service: name, backend: config.BACKEND, log });
  afterBackend.defer(() => telemetry.stop());
  const backend = instrumentBackend(options.backend, telemetry);
  const { eventBus, taskQueue, store, administration } = backend;
  const checkReady = (): Promise<void> => backend.checkReady();
  const ports = { eventBus, taskQueue, store, administration, checkReady, clock, log, telemetry };
  options.observe?.(ports);
  const services = options.services.map((make) => {
    const service = make(ports);
    afterBackend.defer(() => service.close?.());
    return service;
  });
  const running = await startServices({
    services,
    backend,
    host: config.HOST,
    port: config.PORT,
    keepAliveMs: config.HTTP_KEEP_ALIVE_SECONDS * 1_000,
    metricsKeys: config.METRICS_API_KEYS,
    onListening: options.onListening,
    clock,
    log,
    telemetry,
  });
  opened.defer(() => running.stop());
  const closing = opened.move();
  return { port: running.port, stop: () => closing.disposeAsync() };
}
