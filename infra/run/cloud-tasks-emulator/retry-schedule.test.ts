import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { DispatchRate } from './dispatch-rate.ts';
import { backoffMs, isGivenUp, retryAfterMs } from './retry-schedule.ts';

describe('the waits between attempts', () => {
  test('are those of the example in queue.proto', () => {
    const config = { minBackoffMs: 10_000, maxBackoffMs: 300_000, maxDoublings: 3 };
    const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((attempts) => backoffMs(attempts, config) / 1_000);
    expect(waits).toEqual([10, 20, 40, 80, 160, 240, 300, 300]);
  });

  test('stay at the maximum for ever', () => {
    expect(backoffMs(10_000, { minBackoffMs: 100, maxBackoffMs: 3_600_000, maxDoublings: 16 })).toBe(3_600_000);
  });

  test('follow a Retry-After of seconds or of a date, and no other', () => {
    const now = Date.UTC(2026, 0, 1);
    expect(retryAfterMs('7', now)).toBe(7_000);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
    expect([
      retryAfterMs(undefined, now),
      retryAfterMs('soon', now),
      retryAfterMs('Thu, 01 Jan 2025 00:00:30 GMT', now),
    ]).toEqual([0, 0, 0]);
  });

  test('a task is given up when both its attempts and its time are used up', () => {
    const limits = { maxAttempts: 3, maxRetryDurationMs: 1_000 };
    expect(isGivenUp(limits, { attempts: 3, retriedForMs: 999 })).toBe(false);
    expect(isGivenUp(limits, { attempts: 2, retriedForMs: 1_000 })).toBe(false);
    expect(isGivenUp(limits, { attempts: 3, retriedForMs: 1_000 })).toBe(true);
    expect(isGivenUp({ maxAttempts: -1, maxRetryDurationMs: 0 }, { attempts: 1e6, retriedForMs: 1e12 })).toBe(false);
    expect(isGivenUp({ maxAttempts: -1, maxRetryDurationMs: 1_000 }, { attempts: 1, retriedForMs: 1_000 })).toBe(true);
  });
});

describe('the rate of a slowed queue', () => {
  test('halves once for signs that come together, and has a floor', () => {
    const clock = new ManualClock();
    const rate = new DispatchRate({ maxDispatchesPerSecond: 10, maxBurstSize: 2 }, clock);
    for (let n = 0; n < 20; n += 1) rate.slowDown();
    expect(rate.speed).toBe(0.5);
    for (let n = 0; n < 20; n += 1) {
      clock.advance(1_000);
      rate.slowDown();
    }
    expect(rate.speed).toBeGreaterThan(0.03);
    expect(rate.speed).toBeLessThan(0.1);
    while (rate.waitMs() === 0) rate.take();
    expect(rate.waitMs()).toBeGreaterThan(1_000);
  });
});
