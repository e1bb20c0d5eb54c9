import type { TelemetryConfig } from '../config/telemetry-settings.ts';
import type { Logger } from '../log/logger.ts';
import type { MessagingSystems } from './metric-definitions.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';

export interface TelemetryOptions {
  readonly config: TelemetryConfig;
  /** Name of the process in traces and metrics, unless OTEL_SERVICE_NAME says otherwise. */
  readonly service: string;
  readonly backend: 'embedded' | 'gcp';
  readonly log: Logger;
}

const SYSTEMS: Readonly<Record<TelemetryOptions['backend'], MessagingSystems>> = {
  embedded: { bus: 'embedded', queue: 'embedded' },
  // The first is a name of the semantic conventions; they have none for Cloud Tasks.
  gcp: { bus: 'gcp_pubsub', queue: 'gcp_cloud_tasks' },
};

/**
 * The one place that starts telemetry. Embedded, metrics can always be collected; with OTEL_EXPORTER_OTLP_ENDPOINT
 * traces and metrics are also sent there. OpenTelemetry's packages are loaded only when one of the two is wanted: on
 * Google Cloud without an endpoint a cold start does not pay for them.
 */
export async function startTelemetry({ config, service, backend, log }: TelemetryOptions): Promise<Telemetry> {
  const systems = SYSTEMS[backend];
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (config.OTEL_SDK_DISABLED || (backend === 'gcp' && endpoint === undefined)) return { ...noTelemetry, systems };
  const { openTelemetry } = await import('./open-telemetry.ts');
  return openTelemetry({
    config,
    service: config.OTEL_SERVICE_NAME ?? service,
    isPulled: backend === 'embedded',
    systems,
    log,
  });
}
