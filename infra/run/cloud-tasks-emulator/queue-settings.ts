import type { protos } from '@google-cloud/tasks';
import type { Queue } from '@paid-community/shared/platform/ports/topology-types.ts';
import { toMs, toDuration } from './proto-time.ts';
import { invalidArgument } from './status-error.ts';

type IQueue = protos.google.cloud.tasks.v2.IQueue;

export interface QueueSettings {
  /** `projects/PROJECT_ID/locations/LOCATION_ID/queues/QUEUE_ID`. */
  readonly name: string;
  readonly maxDispatchesPerSecond: number;
  readonly maxConcurrentDispatches: number;
  /**
   * Tokens in a full bucket. The real service picks it from the rate and does not say how; all that is known is 100 for
   * a rate of 500. That ratio is the default here, with at least 1.
   */
  readonly maxBurstSize: number;
  /** -1: no limit. */
  readonly maxAttempts: number;
  /** 0: no limit. A task is given up when this *and* the attempts are used up. */
  readonly maxRetryDurationMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly maxDoublings: number;
}

export type QueueOptions = Pick<QueueSettings, 'name'> & Partial<QueueSettings>;

/** What the real service gives a queue that says nothing. */
const DEFAULTS = {
  maxDispatchesPerSecond: 500,
  maxConcurrentDispatches: 1_000,
  maxAttempts: 100,
  maxRetryDurationMs: 0,
  minBackoffMs: 100,
  maxBackoffMs: 3_600_000,
  maxDoublings: 16,
};

export function completeQueueSettings(options: QueueOptions): QueueSettings {
  const settings = { ...DEFAULTS, ...options };
  return { maxBurstSize: Math.max(1, Math.floor(settings.maxDispatchesPerSecond / 5)), ...settings };
}

/** A queue of the topology, as the infrastructure program would create it. */
export function queueOptionsOf(
  queue: Queue,
  location: { readonly project: string; readonly location: string },
): QueueOptions {
  return {
    name: `projects/${location.project}/locations/${location.location}/queues/${queue.name}`,
    maxDispatchesPerSecond: queue.maxDispatchesPerSecond,
    maxConcurrentDispatches: queue.maxConcurrentDispatches,
    maxAttempts: -1,
    minBackoffMs: queue.minBackoffSeconds * 1_000,
    maxBackoffMs: queue.maxBackoffSeconds * 1_000,
  };
}

/** @throws StatusError naming the field that is out of range. */
export function readQueue(name: string, { rateLimits, retryConfig }: IQueue): QueueOptions {
  return {
    name,
    ...given(
      'maxDispatchesPerSecond',
      rateLimits?.maxDispatchesPerSecond,
      'queue.rate_limits.max_dispatches_per_second',
      Number.MIN_VALUE,
      500,
    ),
    ...given(
      'maxConcurrentDispatches',
      rateLimits?.maxConcurrentDispatches,
      'queue.rate_limits.max_concurrent_dispatches',
      1,
      5_000,
    ),
    ...given('maxAttempts', retryConfig?.maxAttempts, 'queue.retry_config.max_attempts', -1, 2 ** 31),
    ...given(
      'maxRetryDurationMs',
      duration(retryConfig?.maxRetryDuration),
      'queue.retry_config.max_retry_duration',
      0,
      Infinity,
    ),
    ...given('minBackoffMs', duration(retryConfig?.minBackoff), 'queue.retry_config.min_backoff', 0, Infinity),
    ...given('maxBackoffMs', duration(retryConfig?.maxBackoff), 'queue.retry_config.max_backoff', 0, Infinity),
    ...given('maxDoublings', retryConfig?.maxDoublings, 'queue.retry_config.max_doublings', 0, 2 ** 31),
  };
}

function duration(value: protos.google.protobuf.IDuration | null | undefined): number | undefined {
  return value === null || value === undefined ? undefined : toMs(value);
}

// A number of 0 is one that was not sent: proto3 does not tell the two apart.
function given<K extends keyof QueueSettings>(
  key: K,
  value: number | null | undefined,
  field: string,
  least: number,
  most: number,
): Partial<Record<K, number>> {
  if (value === null || value === undefined || value === 0) return {};
  if (value < least || value > most) throw invalidArgument(field, `must be at most ${most}, and not negative`);
  return { [key]: value } as Partial<Record<K, number>>;
}

export function writeQueue(settings: QueueSettings, state: 'RUNNING' | 'PAUSED'): IQueue {
  return {
    name: settings.name,
    state,
    rateLimits: {
      maxDispatchesPerSecond: settings.maxDispatchesPerSecond,
      maxBurstSize: settings.maxBurstSize,
      maxConcurrentDispatches: settings.maxConcurrentDispatches,
    },
    retryConfig: {
      maxAttempts: settings.maxAttempts,
      maxRetryDuration: toDuration(settings.maxRetryDurationMs),
      minBackoff: toDuration(settings.minBackoffMs),
      maxBackoff: toDuration(settings.maxBackoffMs),
      maxDoublings: settings.maxDoublings,
    },
  };
}
