import type { GcpOptions } from '../backends/gcp/gcp-options.ts';
import { openBackend } from '../backends/open-backend.ts';
import type { ProcessConfig } from '../config/gcp-settings.ts';
import { runMain } from '../lifecycle/run-main.ts';
import { systemClock } from '../lifecycle/system-clock.ts';
import { createLogger } from '../log/logger.ts';
import type { Topology } from '../ports/topology-types.ts';
import type { Service } from './service.ts';
import type { ServicePorts } from './service-ports.ts';
import { startProcess } from './start-process.ts';

export interface ServiceProcess<C extends ProcessConfig> {
  readonly name: string;
  readonly topology: Topology;
  /** @throws ConfigError that lists everything that is missing or wrong. */
  readonly readConfig: () => { readonly values: C; readonly secrets: readonly string[] };
  readonly backendOptions: (config: C) => GcpOptions;
  readonly makeService: (config: C, ports: ServicePorts) => Service;
}

/** The life of a process that runs one service, on Google Cloud or its emulators. */
export async function runService<C extends ProcessConfig>(service: ServiceProcess<C>): Promise<void> {
  const { name, topology, readConfig, backendOptions, makeService } = service;
  await runMain(async () => {
    const { values: config, secrets } = readConfig();
    const clock = systemClock;
    const log = createLogger({ level: config.LOG_LEVEL, secrets, cloudProject: config.GCP_PROJECT });
    const backend = await openBackend({ ...backendOptions(config), backend: config.BACKEND, topology, clock, log });
    const services = [(ports: ServicePorts) => makeService(config, ports)];
    const running = await startProcess({ name, config, backend, services, clock, log });
    log.info({ service: name, port: running.port }, 'listening');
    return { log, stop: () => running.stop() };
  });
}
