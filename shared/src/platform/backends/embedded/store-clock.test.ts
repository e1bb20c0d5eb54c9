import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../testing/manual-clock.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import { DOUBT_MS, StoreClock } from './store-clock.ts';

const YEAR_MS = 365 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;

describe('the due time', () => {
  test('never goes back and never stands still, however the clock is set', () => {
    const random = seededRandom(11);
    const clock = new ManualClock();
    const storeClock = new StoreClock(clock);
    for (let step = 0; step < 2_000; step += 1) {
      const before = storeClock.dueNow();
      clock.setBy(Math.round((random() - 0.5) * 10 ** (2 + Math.floor(random() * 9))));
      const passedMs = Math.floor(random() * 1_000);
      clock.advance(passedMs);
      expect(storeClock.dueNow()).toBeGreaterThanOrEqual(before + passedMs);
    }
  });

  test('of a waiting message is as far ahead as the caller wants, by every clock', () => {
    const clock = new ManualClock();
    const storeClock = new StoreClock(clock);
    clock.setBy(-YEAR_MS);
    expect(storeClock.dueAt(new Date(clock.now() + 5_000))).toBe(storeClock.dueNow() + 5_000);
    expect(storeClock.dueAt(new Date(clock.now() - 5_000))).toBe(storeClock.dueNow());
  });

  test('follows the clock ahead, as after a sleep of the machine', () => {
    const clock = new ManualClock();
    const storeClock = new StoreClock(clock);
    clock.setBy(8 * HOUR_MS);
    expect(storeClock.dueNow()).toBe(clock.now());
  });
});

describe('the believed time', () => {
  test('follows the clock back at once, and ahead by a night', () => {
    const clock = new ManualClock();
    const storeClock = new StoreClock(clock);
    for (const jumpMs of [8 * HOUR_MS, -YEAR_MS]) {
      clock.setBy(jumpMs);
      expect(storeClock.believedNow()).toBe(clock.now());
    }
  });

  test.each([
    ['at a start', (clock: ManualClock) => new StoreClock(clock, clock.now() - YEAR_MS)],
    [
      'while running',
      (clock: ManualClock) => {
        const storeClock = new StoreClock(clock);
        clock.setBy(YEAR_MS);
        return storeClock;
      },
    ],
  ])('goes on as before when the clock is a year ahead %s, and follows after a day', (_when, make) => {
    const clock = new ManualClock();
    const storeClock = make(clock);
    for (let hour = 0; hour < 24; hour += 1) {
      expect(clock.now() - storeClock.believedNow()).toBe(YEAR_MS);
      clock.advance(HOUR_MS);
    }
    expect(storeClock.believedNow()).toBe(clock.now());
  });

  test('is no longer in doubt when the clock is set right again, and in doubt for a whole day when it jumps anew', () => {
    const clock = new ManualClock();
    const storeClock = new StoreClock(clock);
    for (let again = 0; again < 3; again += 1) {
      clock.setBy(YEAR_MS);
      clock.advance(DOUBT_MS - 1_000);
      expect(clock.now() - storeClock.believedNow()).toBe(YEAR_MS);
      clock.setBy(-YEAR_MS);
      expect(storeClock.believedNow()).toBe(clock.now());
    }
  });
});

test.each([-300_000, 300_000, -YEAR_MS])('a jump by %d ms is told once', (jumpMs) => {
  const clock = new ManualClock();
  const storeClock = new StoreClock(clock);
  clock.advance(60_000);
  expect(storeClock.jumpMs()).toBe(0);
  clock.setBy(jumpMs);
  expect(storeClock.jumpMs()).toBe(jumpMs);
  expect(storeClock.jumpMs()).toBe(0);
});

test('a clock that stands still is told', () => {
  const clock = new ManualClock();
  const storeClock = new StoreClock(clock);
  let told = 0;
  for (let second = 0; second < 10; second += 1) {
    clock.advance(1_000);
    clock.setBy(-1_000);
    if (storeClock.jumpMs() < 0) told += 1;
  }
  expect(told).toBeGreaterThan(2);
});
