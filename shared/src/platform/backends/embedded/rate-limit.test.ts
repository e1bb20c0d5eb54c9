import { expect, test } from '@jest/globals';
import { ManualClock } from '../../testing/manual-clock.ts';
import { RateLimit } from './rate-limit.ts';

/** Times, in ms, at which an always busy consumer with timers that are 1 ms late gets through. */
function letThrough(ratePerSecond: number, forMs: number): number[] {
  const clock = new ManualClock(0);
  const limit = new RateLimit(ratePerSecond, clock);
  const times: number[] = [];
  while (clock.now() < forMs) {
    const waitMs = limit.waitMs();
    if (waitMs > 0) {
      clock.advance(waitMs + 1);
      continue;
    }
    limit.take();
    times.push(clock.now());
  }
  return times;
}

test.each([0.5, 1, 5, 30, 500, 5_000])('a rate of %d a second is kept and reached', (rate) => {
  const seconds = 60;
  const times = letThrough(rate, seconds * 1_000);
  const burst = Math.max(1, rate / 5);
  expect(times.length).toBeLessThanOrEqual(rate * seconds + burst + 1);
  expect(times.length).toBeGreaterThanOrEqual(Math.floor(rate * seconds * 0.99));
  for (let start = 0; start < seconds * 1_000; start += 1_000) {
    const inOneSecond = times.filter((time) => time >= start && time < start + 1_000).length;
    expect(inOneSecond).toBeLessThanOrEqual(Math.ceil(rate + burst));
  }
});

test('after a long rest there is one burst of a fifth of a second, not more', () => {
  const clock = new ManualClock(0);
  const limit = new RateLimit(100, clock);
  clock.advance(3_600_000);
  let burst = 0;
  for (; limit.waitMs() === 0; burst += 1) limit.take();
  expect(burst).toBe(20);
});

test('at a low rate two are never let through together', () => {
  const clock = new ManualClock(0);
  const limit = new RateLimit(5, clock);
  clock.advance(3_600_000);
  expect(limit.waitMs()).toBe(0);
  limit.take();
  expect(limit.waitMs()).toBeGreaterThan(150);
});

test.each([-5_000_000, 5_000_000])(
  'a clock that is set by %d ms neither stops the flow nor lets a burst through',
  (jumpMs) => {
    const clock = new ManualClock(10_000_000);
    const limit = new RateLimit(10, clock);
    limit.take();
    expect(limit.waitMs()).toBe(100);
    clock.setBy(jumpMs);
    expect(limit.waitMs()).toBe(100);
    clock.advance(100);
    expect(limit.waitMs()).toBe(0);
  },
);
