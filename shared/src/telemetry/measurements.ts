import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { Resource } from '@opentelemetry/resources';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { Logger } from '../log/logger.ts';
import type { Telemetry } from './telemetry.ts';

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

export function createMeasurements(readers: MetricReader[], resource: Resource, log: Logger): Pick<Telemetry, 'series' | 'observe' | 'stop'> {
  const provider = new MeterProvider({ readers, resource });
  const meter = provider.getMeter('paid-community');
  return {
    series: (metric, attributes) => {
      const { name, unit, description } = metric;
      const bound = { ...attributes };
      if (metric.kind === 'counter') {
        const counter = meter.createCounter(name, { unit, description });
        return { record: (value) => counter.add(value, bound) };
      }
      const histogram = meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: [...(metric.bounds ?? [])] } });
      return { record: (value) => histogram.record(value, bound) };
    },
    observe: (gauges, read) => {
      const instruments = new Map(gauges.map((gauge) => [gauge, meter.createObservableGauge(gauge.name, { unit: gauge.unit, description: gauge.description })]));
      meter.addBatchObservableCallback(async (result) => {
        try {
          for (const { gauge, value, attributes } of await read()) {
            const instrument = instruments.get(gauge);
            if (instrument !== undefined) result.observe(instrument, value, attributes);
          }
        } catch (error) {
          log.warn({ error, gauges: gauges.map(({ name }) => name) }, 'gauges could not be read');
        }
      }, [...instruments.values()]);
    },
    stop: () => provider.shutdown(),
  };
}
