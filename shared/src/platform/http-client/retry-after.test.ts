import { expect, test } from '@jest/globals';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 10, 28, 5);
const at = (header: string | undefined, serverTimeMs?: number): number | undefined =>
  retryAfterMs(header, { serverTimeMs, now: NOW, maxMs: 3_600_000 });

test.each([
  ['60', 60_000],
  [' 7 ', 7_000],
  ['0', 0],
  ['1.5', 1_500],
  ['99999999999999999999', 3_600_000],
  ['Sat, 28 Nov 2026 05:00:30 GMT', 30_000],
  ['Saturday, 28-Nov-26 05:00:30 GMT', 30_000],
  ['Sat Nov 28 05:00:30 2026 GMT', 30_000],
  ['Sat, 28 Nov 2026 04:00:00 GMT', 0],
  ['Sat, 28 Nov 2099 05:00:00 GMT', 3_600_000],
  ['', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['2026-11-28T05:00:30Z', undefined],
  ['Infinity', undefined],
  [undefined, undefined],
])('Retry-After: %s', (header, milliseconds) => {
  expect(at(header)).toBe(milliseconds);
});

test("a date is measured from the answer's own date: this machine's clock may be wrong", () => {
  expect(at('Sat, 28 Nov 2026 09:00:45 GMT', Date.UTC(2026, 10, 28, 9, 0, 15))).toBe(30_000);
});
