import type { Latency } from '../statistics.ts';

/** What a load generator is asked to do. */
export interface LoadJob {
  readonly port: number;
  /** Of purchases the API key, of updates the webhook's secret. */
  readonly apiKey: string;
  /** Purchases by default. */
  readonly traffic?: 'purchases' | 'updates';
  /** Purchases name so many communities in turn (load/communities.ts); absent: none. */
  readonly communities?: number | undefined;
  /** Unique among the runs against one store. */
  readonly name: string;
  readonly load: ClosedLoad | OpenLoad;
}

/** Each connection sends its next request as soon as it has the answer to the last one. */
export interface ClosedLoad {
  readonly kind: 'closed';
  readonly connections: number;
  /** Without it, the duration alone ends the run. */
  readonly maxRequests?: number;
  readonly maxDurationMs: number;
}

/** Request number i is due at start + i / rate, whether or not earlier ones have been answered. */
export interface OpenLoad {
  readonly kind: 'open';
  readonly requestsPerSecond: number;
  readonly durationMs: number;
}

export interface LoadResult {
  readonly sent: number;
  /** Requests that were not answered as they should be, by number. */
  readonly refused: readonly number[];
  /** Of the first request, ms since the epoch. */
  readonly startedAtMs: number;
  /** From the first request to the last answer. */
  readonly elapsedMs: number;
  /** From the moment a request was due; in a closed loop that is the moment it was sent. */
  readonly latency: Latency;
}

export function acknowledgedPerSecond(result: LoadResult): number {
  return ((result.sent - result.refused.length) * 1_000) / result.elapsedMs;
}
