import { expect, test } from '@jest/globals';
import { isCrediblePause, MAX_PAUSE_MS } from './pause.ts';

const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * 3_600_000;

test.each([
  [0, true],
  [DAY_MS + 1, true],
  [14 * DAY_MS, true],
  // The machine that stored it is ahead of this one by a few seconds.
  [14 * DAY_MS + 5_000, true],
  [15 * DAY_MS, false],
  [NaN, false],
])('a stored pause that ends in %d ms can have been ordered: %s', (leftMs, isCredible) => {
  expect(isCrediblePause(NOW + leftMs, NOW)).toBe(isCredible);
});

test('a task that waits for the end of the longest pause is within the 30 days that a queue reaches', () => {
  expect(MAX_PAUSE_MS).toBeLessThan(30 * DAY_MS);
});
