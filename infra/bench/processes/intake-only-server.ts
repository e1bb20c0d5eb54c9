import { intakeService } from '@paid-community/intake-service/service.ts';
import { openEmbeddedBackend } from '@paid-community/shared/platform/backends/embedded/open-embedded-backend.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { startServices } from '@paid-community/shared/platform/service/start-services.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { answerParent } from './answer-parent.ts';

export interface IntakeOnlyJob {
  readonly dataDir: string;
  readonly apiKey: string;
}

// intake-service as it is deployed by itself: it publishes, and the consumers run elsewhere.
answerParent(async ({ dataDir, apiKey }: IntakeOnlyJob) => {
  const clock = systemClock;
  const log = createLogger({ level: 'warn', secrets: [apiKey] });
  const backend = openEmbeddedBackend({ dataDir, topology, clock, log });
  const ports = {
    eventBus: backend.eventBus,
    taskQueue: backend.taskQueue,
    store: backend.store,
    administration: backend.administration,
    checkReady: () => backend.checkReady(),
    clock,
    log,
    telemetry: noTelemetry,
  };
  const services = [
    intakeService({
      ...ports,
      config: { INTAKE_API_KEYS: [apiKey], OPERATOR_API_KEYS: [], RETENTION_DAYS: 400 },
    }),
  ];
  const { port } = await startServices({ ...ports, services, backend, host: '127.0.0.1', port: 0 });
  return port;
});
