import { expect, test } from '@jest/globals';
import { RetryableError } from '../ports/errors.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { healthRoutes } from './health.ts';
import type { Route } from './route.ts';

function readyRoute(checkReady: () => Promise<void>, clock: ManualClock): Route {
  const route = healthRoutes({ checkReady }, clock).find(({ path }) => path === '/readyz');
  if (route === undefined) throw new Error('There is no /readyz');
  return route;
}

const REQUEST = { headers: {}, params: {}, query: {}, body: undefined, caller: 'anybody', traceparent: '' };

test('however many ask whether the system is ready, it looks once a second', async () => {
  const clock = new ManualClock();
  let looks = 0;
  const ready = readyRoute(() => Promise.resolve(void (looks += 1)), clock);
  for (let second = 1; second <= 3; second += 1) {
    const answers = await Promise.all(Array.from({ length: 500 }, () => ready.handle(REQUEST)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(looks).toBe(second);
    clock.advance(1_000);
  }
});

test('a system that is not ready says so, and is ready again a second after it is', async () => {
  const clock = new ManualClock();
  let isFull = true;
  const ready = readyRoute(
    () => (isFull ? Promise.reject(new RetryableError('storage_full', 'The disk is full')) : Promise.resolve()),
    clock,
  );
  await expect(ready.handle(REQUEST)).rejects.toMatchObject({ code: 'storage_full' });
  isFull = false;
  clock.advance(1_000);
  expect(await ready.handle(REQUEST)).toMatchObject({ status: 200 });
});
