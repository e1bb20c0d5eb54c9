/**
 * The wait before the attempt that follows `failedAttempts` (1 or more) failures:
 * `baseMs`, then doubled each time, at most `maxMs`.
 */
export function exponentialBackoffMs(failedAttempts: number, baseMs: number, maxMs: number): number {
  // 2^30 × 1 ms is 12 days: past every cap, and far from the edge of exact numbers.
  return Math.min(maxMs, baseMs * 2 ** Math.min(failedAttempts - 1, 30));
}
