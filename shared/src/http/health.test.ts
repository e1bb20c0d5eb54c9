import { expect, test } from '@jest/globals';
import { RetryableError } from '../delivery/errors.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { healthRoutes } from './health.ts';

const REQUEST = { headers: {}, params: {}, query: {}, body: undefined, traceparent: '' };

test('however many ask whether the system is ready, it looks once a second', async () => {
  const clock = new ManualClock();
  let looks = 0;
  const ready = healthRoutes({ checkReady: () => Promise.resolve(void (looks += 1)) }, clock).find(({ path }) => path === '/readyz');
  for (let second = 1; second <= 3; second += 1) {
    const answers = await Promise.all(Array.from({ length: 500 }, () => ready?.handle(REQUEST)));
    expect(new Set(answers.map((answer) => answer?.status))).toEqual(new Set([200]));
    expect(looks).toBe(second);
    clock.advance(1_000);
  }
});

test('a system that is not ready says so, and is ready again a second after it is', async () => {
  const clock = new ManualClock();
  let isFull = true;
  const ready = healthRoutes({ checkReady: () => (isFull ? Promise.reject(new RetryableError('storage_full', 'The disk is full')) : Promise.resolve()) }, clock).find(({ path }) => path === '/readyz');
  await expect(ready?.handle(REQUEST)).rejects.toMatchObject({ code: 'storage_full' });
  isFull = false;
  clock.advance(1_000);
  expect(await ready?.handle(REQUEST)).toMatchObject({ status: 200 });
});
