import { expect, test } from '@jest/globals';
import { ManualClock } from '../testing/manual-clock.ts';
import { retryUntilDone } from './retry-until-done.ts';

function retrying(attempt: (number: number) => void, leastWaitMs: (error: unknown) => number = () => 0) {
  const clock = new ManualClock();
  const stopping = new AbortController();
  const waits: number[] = [];
  let attempts = 0;
  const done = retryUntilDone(
    () => {
      attempts += 1;
      attempt(attempts);
      return Promise.resolve();
    },
    { clock, leastWaitMs, onFailure: (_error, waitMs) => waits.push(waitMs) },
    stopping.signal,
  );
  const passWait = async (): Promise<void> => {
    await new Promise(setImmediate);
    clock.advance(waits.at(-1) ?? 0);
    await new Promise(setImmediate);
  };
  return { done, waits, stopping, passWait, attempts: () => attempts };
}

const failUntil = (last: number) => (number: number) => {
  if (number < last) throw new Error(`attempt ${number}`);
};

test('the backoff doubles up to a minute, and ends with the first success', async () => {
  const { done, waits, passWait, attempts } = retrying(failUntil(9));
  for (let failure = 1; failure < 9; failure += 1) await passWait();
  await done;
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  expect(attempts()).toBe(9);
});

test('a failure that orders a longer pause gets it', async () => {
  const { done, waits, passWait } = retrying(failUntil(3), (error) => (String(error).endsWith('2') ? 30_000 : 0));
  await passWait();
  await passWait();
  await done;
  expect(waits).toEqual([1_000, 30_000]);
});

test('an abort ends the wait, and no further attempt is made', async () => {
  const { done, waits, stopping, attempts } = retrying(failUntil(Infinity));
  await new Promise(setImmediate);
  stopping.abort();
  await done;
  expect(attempts()).toBe(1);
  expect(waits).toEqual([1_000]);
});

test('a failure that comes with the abort is not told', async () => {
  const { done, waits, stopping, passWait } = retrying((number) => {
    if (number === 2) stopping.abort();
    throw new Error(`attempt ${number}`);
  });
  await passWait();
  await done;
  expect(waits).toEqual([1_000]);
});
