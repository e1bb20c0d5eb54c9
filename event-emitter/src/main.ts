import { gcpOptions } from '@paid-community/shared/platform/backends/gcp/gcp-options.ts';
import { openBackend } from '@paid-community/shared/platform/backends/open-backend.ts';
import { runMain } from '@paid-community/shared/platform/lifecycle/run-main.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { startServices } from '@paid-community/shared/platform/service/start-services.ts';
import { webEngageClaim } from '@paid-community/shared/store-owner/claim.ts';
import { instrumentBackend } from '@paid-community/shared/platform/backends/instrument-backend.ts';
import { startTelemetry } from '@paid-community/shared/platform/telemetry/start-telemetry.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { readProcessConfig } from './config.ts';
import { eventEmitter } from './service.ts';
import { createWebEngageClient } from './webengage/client.ts';

// This service by itself, on Google Cloud or its emulators.
await runMain(async () => {
  const { values: config, secrets } = readProcessConfig();
  const [clock, log] = [
    systemClock,
    createLogger({ level: config.LOG_LEVEL, secrets, cloudProject: config.GCP_PROJECT }),
  ];
  const telemetry = await startTelemetry({ config, service: 'event-emitter', backend: config.BACKEND, log });
  const backend = instrumentBackend(
    await openBackend({ ...gcpOptions(config), backend: config.BACKEND, topology, clock, log }),
    telemetry,
  );
  const webEngage = createWebEngageClient(config, telemetry, clock);
  const owner = { claim: webEngageClaim(config), leaving: config.STORE_OWNER_CHANGE ?? [] };
  const services = [eventEmitter({ ...backend, config, webEngage, owner, clock, log, telemetry })];
  const running = await startServices({
    services,
    backend,
    host: config.HOST,
    port: config.PORT,
    keepAliveMs: config.HTTP_KEEP_ALIVE_SECONDS * 1_000,
    clock,
    log,
    telemetry,
  });
  log.info({ service: 'event-emitter', port: running.port }, 'listening');
  const stop = async (): Promise<void> => {
    await running.stop();
    webEngage.close();
  };
  return { log, stop };
});
