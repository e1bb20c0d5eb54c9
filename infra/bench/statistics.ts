import type { RecordableHistogram } from 'node:perf_hooks';

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** The histogram holds microseconds: it takes whole numbers only. */
export function latencyOf(histogram: RecordableHistogram): Latency {
  return {
    p50Ms: histogram.percentile(50) / 1_000,
    p99Ms: histogram.percentile(99) / 1_000,
    maxMs: histogram.max / 1_000,
  };
}

export function recordMs(histogram: RecordableHistogram, durationMs: number): void {
  histogram.record(Math.max(1, Math.round(durationMs * 1_000)));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value that this share of the values does not exceed; NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Of each figure by itself, so that one disturbed run does not decide. */
export function medianLatency(runs: readonly Latency[]): Latency {
  const of = (pick: (run: Latency) => number): number => median(runs.map(pick));
  return { p50Ms: of((run) => run.p50Ms), p99Ms: of((run) => run.p99Ms), maxMs: of((run) => run.maxMs) };
}

/** Median with the range behind it: `5,120/s (4,900–5,300)`. */
export function spread(values: readonly number[], unit: string): string {
  if (values.length < 2) return `${whole(median(values))}${unit}`;
  return `${whole(median(values))}${unit} (${whole(Math.min(...values))}–${whole(Math.max(...values))})`;
}

/** The median: `cpu 120 µs each`. */
export function describeCost(microseconds: readonly (number | undefined)[]): string {
  const known = microseconds.filter((value) => value !== undefined);
  return known.length === 0 ? 'cpu unknown' : `cpu ${whole(median(known))} µs each`;
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function milliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${whole(value)} ms`;
}

export function describeLatency({ p50Ms, p99Ms, maxMs }: Latency): string {
  return `p50 ${milliseconds(p50Ms)}, p99 ${milliseconds(p99Ms)}, max ${milliseconds(maxMs)}`;
}
