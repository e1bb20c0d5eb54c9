import { expect, test } from '@jest/globals';
import { DURATION_PATTERN, durationMs } from './durations.ts';

const HOUR_MS = 3_600_000;
const from = Date.UTC(2026, 0, 31);

test.each([
  ['PT90S', 90_000],
  ['PT24H', 24 * HOUR_MS],
  ['P30D', 720 * HOUR_MS],
  ['P1W', 168 * HOUR_MS],
  // 31 January and a month is the end of February.
  ['P1M', 672 * HOUR_MS],
  ['P1DT12H', 36 * HOUR_MS],
])('%s lasts %d ms from 31 January', (duration, ms) => {
  expect(duration).toMatch(new RegExp(DURATION_PATTERN));
  expect(durationMs(duration, from)).toBe(ms);
});

test.each(['', 'P', 'PT', 'P1', '1D', '-P1D', 'P-1D', 'P1.5D', 'PT1H ', 'p1d', 'P1H', 'P1D1M'])(
  '"%s" is no duration',
  (text) => {
    expect(text).not.toMatch(new RegExp(DURATION_PATTERN));
  },
);
