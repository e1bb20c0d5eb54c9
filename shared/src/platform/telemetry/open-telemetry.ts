import { randomUUID } from 'node:crypto';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { PeriodicExportingMetricReader, type MetricReader } from '@opentelemetry/sdk-metrics';
import pTimeout from 'p-timeout';
import type { TelemetryConfig } from '../config/telemetry-settings.ts';
import { systemClock } from '../lifecycle/system-clock.ts';
import type { Logger } from '../log/logger.ts';
import type { MessagingSystems } from './metric-definitions.ts';
import { AccumulatedMetrics } from './accumulated-metrics.ts';
import { createMeasurements, PullReader } from './measurements.ts';
import { carryTrace, type Telemetry } from './telemetry.ts';

/** With what comes before it, the whole stop stays under the shutdown deadline. */
const FLUSH_MS = 1_000;
const EXPORT_TIMEOUT_MS = 10_000;

export interface OpenTelemetryOptions {
  readonly config: TelemetryConfig;
  readonly service: string;
  /** Whether a Prometheus page is wanted. */
  readonly isPulled: boolean;
  readonly systems: MessagingSystems;
  readonly log: Logger;
}

/** OpenTelemetry's SDKs, put together from the settings. */
export async function openTelemetry({
  config,
  service,
  isPulled,
  systems,
  log,
}: OpenTelemetryOptions): Promise<Telemetry> {
  reportTo(log);
  const resource = defaultResource().merge(
    // Cumulative sums of two instances must not look like one that jumps.
    resourceFromAttributes({
      'service.instance.id': randomUUID(),
      ...config.OTEL_RESOURCE_ATTRIBUTES,
      'service.name': service,
    }),
  );
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  const accumulated = new AccumulatedMetrics(resource);
  const page = isPulled ? new PullReader({ metricProducers: [accumulated] }) : undefined;
  const readers: MetricReader[] = page === undefined ? [] : [page];
  if (endpoint !== undefined) readers.push(await openPeriodicReader(endpoint, config, accumulated));
  const measurements = createMeasurements({ readers, accumulated, resource, log, clock: systemClock });
  const spans =
    endpoint === undefined ? undefined : (await import('./open-spans.ts')).openSpans(endpoint, config, resource);
  return {
    isTracing: spans !== undefined,
    systems,
    series: measurements.series,
    observe: measurements.observe,
    inSpan: spans?.inSpan ?? carryTrace,
    prometheusPage: page === undefined ? undefined : () => page.text(),
    stop: async () => {
      const stopped = Promise.allSettled([measurements.stop(), spans?.stop()]);
      const flushed = await pTimeout(
        stopped.then((results) => results.every(({ status }) => status === 'fulfilled')),
        { milliseconds: FLUSH_MS, fallback: () => false },
      );
      if (!flushed) log.warn({ waitedMs: FLUSH_MS }, 'the last traces and metrics could not all be sent');
    },
  };
}

async function openPeriodicReader(
  endpoint: string,
  config: TelemetryConfig,
  accumulated: AccumulatedMetrics,
): Promise<PeriodicExportingMetricReader> {
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-http');
  const exportIntervalMillis = config.OTEL_METRIC_EXPORT_INTERVAL;
  return new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({
      url: `${endpoint}/v1/metrics`,
      headers: { ...config.OTEL_EXPORTER_OTLP_HEADERS },
    }),
    metricProducers: [accumulated],
    exportIntervalMillis,
    exportTimeoutMillis: Math.min(EXPORT_TIMEOUT_MS, exportIntervalMillis),
  });
}

// The exporters tell of failed exports this way only. Their words name the endpoint and the answer, never a header.
function reportTo(log: Logger): void {
  const warn = (message: string): void => {
    log.warn({ problem: message }, 'telemetry');
  };
  const quiet = (): void => undefined;
  diag.setLogger(
    { error: warn, warn, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
