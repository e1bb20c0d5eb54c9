import type { Clock } from '../ports/clock.ts';

// setTimeout's own limit; a longer sleep is made of several.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (durationMs, signal) => {
    let remainingMs = durationMs;
    do {
      const stepMs = Math.min(remainingMs, LONGEST_TIMER_MS);
      await timer(stepMs, signal);
      remainingMs -= stepMs;
    } while (remainingMs > 0 && signal?.aborted !== true);
  },
};

function timer(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(handle);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const handle = setTimeout(finish, durationMs);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
