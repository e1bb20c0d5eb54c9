import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { Resource } from '@opentelemetry/resources';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { keepAnswer } from '../lifecycle/keep-answer.ts';
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports/clock.ts';
import type { AccumulatedMetrics } from './accumulated-metrics.ts';
import type { Attributes } from '../trace/span.ts';
import type { Telemetry } from './telemetry.ts';

/** Gauges count what waits in the store: with a hundred thousand waiting that takes some 15 ms of the event loop. */
const OBSERVATION_COUNTS_MS = 3_000;

/** Hands out all metrics when somebody asks for them. */
export class PullReader extends MetricReader {
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, false, true);

  async text(): Promise<string> {
    const { resourceMetrics } = await this.collect();
    return this.#serializer.serialize(resourceMetrics);
  }

  protected onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

export interface MeasurementOptions {
  readonly readers: MetricReader[];
  /** Known to the readers as a source of theirs. */
  readonly accumulated: AccumulatedMetrics;
  readonly resource: Resource;
  readonly log: Logger;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

export function createMeasurements({
  readers,
  accumulated,
  resource,
  log,
  clock,
}: MeasurementOptions): Pick<Telemetry, 'series' | 'observe' | 'stop'> {
  const provider = new MeterProvider({ readers, resource });
  const meter = provider.getMeter('paid-community');
  return {
    series: (metric, attributes) => accumulated.series(metric, attributes as Attributes),
    observe: (gauges, read) => {
      const observe = keepAnswer(OBSERVATION_COUNTS_MS, read, clock);
      const instruments = new Map(
        gauges.map((gauge) => [
          gauge,
          meter.createObservableGauge(gauge.name, { unit: gauge.unit, description: gauge.description }),
        ]),
      );
      meter.addBatchObservableCallback(
        async (result) => {
          try {
            for (const { gauge, value, attributes } of await observe()) {
              const instrument = instruments.get(gauge);
              if (instrument !== undefined) result.observe(instrument, value, attributes);
            }
          } catch (error) {
            log.warn({ error, gauges: gauges.map(({ name }) => name) }, 'gauges could not be read');
          }
        },
        [...instruments.values()],
      );
    },
    stop: () => provider.shutdown(),
  };
}
