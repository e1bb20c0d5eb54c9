import { expect, test } from '@jest/globals';
import { ManualClock } from '../testing/manual-clock.ts';
import { HttpLoad } from './http-load.ts';

test('sixteen requests at once are a burst, which is over 25 ms after there were so many', () => {
  const clock = new ManualClock();
  const load = new HttpLoad(clock);
  for (let request = 1; request < 16; request += 1) load.begin();
  expect(load.isBusy).toBe(false);
  load.begin();
  expect(load.isBusy).toBe(true);
  // All of them are answered at once, when their writes are on the disk; the next ones are on their way.
  for (let request = 1; request <= 16; request += 1) load.end();
  expect(load.requestsAtWork).toBe(0);
  clock.advance(24);
  expect(load.isBusy).toBe(true);
  clock.advance(1);
  expect(load.isBusy).toBe(false);
});
