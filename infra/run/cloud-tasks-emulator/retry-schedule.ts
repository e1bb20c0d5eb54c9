import type { QueueSettings } from './queue-settings.ts';

type Backoff = Pick<QueueSettings, 'minBackoffMs' | 'maxBackoffMs' | 'maxDoublings'>;

/**
 * The wait after the n-th failed attempt (1-based): doubles, then grows evenly, then stays (RetryConfig.max_doublings
 * in queue.proto).
 */
export function backoffMs(failedAttempts: number, { minBackoffMs, maxBackoffMs, maxDoublings }: Backoff): number {
  const doublings = Math.min(failedAttempts - 1, maxDoublings);
  const steps = 1 + Math.max(0, failedAttempts - 1 - maxDoublings);
  return Math.min(maxBackoffMs, minBackoffMs * 2 ** doublings * steps);
}

/** Retry-After in seconds or as a date; 0 when there is none that can be read. */
export function retryAfterMs(header: string | undefined, nowMs: number): number {
  if (header === undefined) return 0;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - nowMs);
}

export function isGivenUp(
  { maxAttempts, maxRetryDurationMs }: Pick<QueueSettings, 'maxAttempts' | 'maxRetryDurationMs'>,
  { attempts, retriedForMs }: { readonly attempts: number; readonly retriedForMs: number },
): boolean {
  const attemptsUsedUp = maxAttempts === -1 ? maxRetryDurationMs > 0 : attempts >= maxAttempts;
  return attemptsUsedUp && retriedForMs >= maxRetryDurationMs;
}
