import { traceparentFrom } from '../trace/traceparent.ts';
import { currentTrace, inTrace } from '../trace/current-trace.ts';
import type { Attributes, Span } from '../trace/span.ts';
import type { Metric, MessagingSystems } from './metric-definitions.ts';

/** One series of a metric: its attributes are set, values are recorded. */
export interface Series {
  record(value: number): void;
}

/** What a gauge shows at this moment. */
export interface Observation {
  readonly gauge: Metric;
  readonly value: number;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface SpanStart {
  /**
   * A `server` or `consumer` begins where `parent` left off; a `client` or `producer` belongs to the work of the
   * moment.
   */
  readonly kind: 'server' | 'consumer' | 'client' | 'producer';
  /** As the semantic conventions build it; no ids. */
  readonly name: string;
  /** W3C trace context, as it came; one that is not well formed begins a new trace. */
  readonly parent?: string | undefined;
  readonly requestId?: string | undefined;
  /** Asked for only where spans are recorded. */
  readonly attributes?: () => Attributes;
}

/** Measurements and traces, as the rest of the code sees them. */
export interface Telemetry {
  readonly isTracing: boolean;
  readonly systems: MessagingSystems;
  /**
   * Look a series up once and keep it: recording is cheap, looking up is not. Counters take increments, histograms
   * values.
   */
  series<Attribute extends string>(
    metric: Metric<Attribute>,
    attributes: Readonly<Partial<Record<Attribute, string | number>>>,
  ): Series;
  /** `read` is asked when these gauges are looked at, every few seconds at most; when it fails they show nothing. */
  observe(gauges: readonly Metric[], read: () => Promise<readonly Observation[]>): void;
  /** Runs the work in a span of its own, and every log line of it in its trace. */
  inSpan<T>(start: SpanStart, work: (span: Span) => Promise<T>): Promise<T>;
  /** All metrics in Prometheus's text format; undefined where nobody collects them that way. */
  readonly prometheusPage: (() => Promise<string>) | undefined;
  /** Sends what has not been sent yet, for a second at most. */
  stop(): Promise<void>;
}

const NO_SERIES: Series = { record: () => undefined };

/** A span that nobody records: it only carries the trace on. */
export function carryingSpan(traceparent: string): Span {
  return { traceparent, name: nothing, set: nothing, fail: nothing, linkTo: nothing };
}

function nothing(): void {
  // Nobody records it.
}

/** No span is recorded, but the caller's trace context goes on, and log lines carry it. */
export function carryTrace<T>({ kind, parent, requestId }: SpanStart, work: (span: Span) => Promise<T>): Promise<T> {
  const current = currentTrace();
  if ((kind === 'client' || kind === 'producer') && current !== undefined) return work(current.span);
  const span = carryingSpan(traceparentFrom(parent));
  return inTrace({ traceparent: span.traceparent, requestId, span }, () => work(span));
}

/** Measures nothing and records nothing. */
export const noTelemetry: Telemetry = {
  isTracing: false,
  systems: { bus: 'none', queue: 'none' },
  series: () => NO_SERIES,
  observe: nothing,
  inSpan: carryTrace,
  prometheusPage: undefined,
  stop: () => Promise.resolve(),
};
