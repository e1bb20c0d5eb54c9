import { describe, expect, test } from '@jest/globals';
import { PermanentError, RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { inOrder, keepTrying, WritePace } from './pace.ts';

/** Whose sleeps are over at once, and pass the time. */
function fastClock(): Clock & { slept: number } {
  const clock = {
    slept: 0,
    now: () => clock.slept,
    monotonicMs: () => clock.slept,
    sleep: (ms: number) => ((clock.slept += ms), Promise.resolve()),
  };
  return clock;
}

describe('the pace of writes', () => {
  test('begins at 500 a second, and 100,000 documents take as long as the runbook says', async () => {
    const clock = fastClock();
    const pace = new WritePace(clock);
    for (let written = 0; written < 100_000; written += 200) await pace.turn(200);
    expect(Math.round(clock.slept / 1_000)).toBe(200);
    for (let written = 100_000; written < 1_000_000; written += 200) await pace.turn(200);
    expect(Math.round(clock.slept / 60_000)).toBe(18);
  });
});

describe('what fails', () => {
  test('is repeated when time may mend it, and not when a person has to', async () => {
    const clock = fastClock();
    let calls = 0;
    const failing = (error: Error) => (): Promise<never> => ((calls += 1), Promise.reject(error));
    await expect(keepTrying(failing(new RetryableError('google_cloud_unavailable', 'away')), clock)).rejects.toThrow(
      'away',
    );
    expect(calls).toBe(10);
    for (const error of [
      new RetryableError('google_cloud_permission_denied', 'no role'),
      new PermanentError('invalid', 'wrong'),
    ]) {
      calls = 0;
      await expect(keepTrying(failing(error), clock)).rejects.toBe(error);
      expect(calls).toBe(1);
    }
  });

  test('lets no later page count as done, and nothing is under way any more when it is told', async () => {
    const done: number[] = [];
    let ended = 0;
    const work = async (page: number): Promise<void> => {
      await Promise.resolve();
      ended += 1;
      if (page === 2) throw new Error('page 2');
    };
    await expect(inOrder([1, 2, 3, 4, 5, 6, 7], 3, work, (page) => void done.push(page))).rejects.toThrow('page 2');
    expect(done).toEqual([1]);
    expect(ended).toBe(4);
  });
});
