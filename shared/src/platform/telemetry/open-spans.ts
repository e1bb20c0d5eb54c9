import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { TelemetryConfig } from '../config/telemetry-settings.ts';
import { errorCode } from '../ports/errors.ts';
import { parseTraceparent } from '../trace/traceparent.ts';
import { currentTrace, inTrace } from '../trace/current-trace.ts';
import type { Span } from '../trace/span.ts';
import type { SpanStart, Telemetry } from './telemetry.ts';

const KINDS = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
};

/** Spans, sent in batches to an OTLP endpoint. */
export function openSpans(
  endpoint: string,
  config: TelemetryConfig,
  resource: Resource,
): Pick<Telemetry, 'inSpan' | 'stop'> {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint}/v1/traces`,
    headers: { ...config.OTEL_EXPORTER_OTLP_HEADERS },
  });
  const provider = new TracerProvider({
    resource,
    sampler: samplerOf(config),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('paid-community');
  return { inSpan: (start, work) => recordSpan(tracer, start, work), stop: () => provider.shutdown() };
}

async function recordSpan<T>(tracer: Tracer, start: SpanStart, work: (span: Span) => Promise<T>): Promise<T> {
  const current = currentTrace();
  const requestId = start.requestId ?? current?.requestId;
  const belongsToMoment = start.kind === 'client' || start.kind === 'producer';
  const parent = belongsToMoment ? (current?.traceparent ?? start.parent) : start.parent;
  const attributes = {
    ...start.attributes?.(),
    ...(requestId === undefined ? {} : { 'paid_community.request_id': requestId }),
  };
  const recorded = tracer.startSpan(start.name, { kind: KINDS[start.kind], attributes }, contextOf(parent));
  const span: Span = {
    traceparent: traceparentOf(recorded.spanContext()),
    name: (name) => void recorded.updateName(name),
    set: (more) => void recorded.setAttributes(more),
    fail: (errorType) => void recorded.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR }),
    linkTo: (traceparent) => {
      const context = parseTraceparent(traceparent);
      if (context !== undefined) recorded.addLink({ context });
    },
  };
  try {
    return await inTrace({ traceparent: span.traceparent, requestId, span }, () => work(span));
  } catch (error) {
    // The code only: a message may hold what somebody sent.
    span.fail(errorCode(error));
    throw error;
  } finally {
    recorded.end();
  }
}

function contextOf(traceparent: string | undefined): Context {
  const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  return parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

function samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio }: TelemetryConfig): Sampler {
  const samplers: Readonly<Record<'always_on' | 'always_off' | 'traceidratio', () => Sampler>> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  };
  switch (name) {
    case 'always_on':
    case 'always_off':
    case 'traceidratio':
      return samplers[name]();
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: samplers.always_on() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: samplers.always_off() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: samplers.traceidratio() });
  }
}
