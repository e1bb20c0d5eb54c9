import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  /**
   * Default 120,000: a backstop, for a machine that is busy with others' work. Give a shorter one only where the time is
   * what is tested.
   */
  readonly timeoutMs?: number;
  /** Between two looks; default 10. */
  readonly intervalMs?: number;
}

/**
 * Repeats `check` until it neither throws nor returns false, and returns what it returned.
 * @throws what `check` threw last (a failed expectation, say) when the time is up.
 */
export async function eventually<T>(check: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { timeoutMs = 120_000, intervalMs = 10 } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const result = await check();
      if (result !== false) return result;
      failure = new Error(`Not true within ${timeoutMs} ms: ${check.toString()}`);
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline) throw failure;
    await sleep(intervalMs);
  }
}
