import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';

// Who comes first is decided by the queue: by due time, a retry or what was put back like a first attempt. Here on the
// embedded backend, with its real loop and a clock that only the test moves; Cloud Tasks dispatches in about that order
// and promises none.

describe('turns are fair', () => {
  let clock: ManualClock;
  let backend: Backend;
  let close: () => Promise<void>;
  let dispatched: string[];
  /** What the handler does with a task, beside noting it. */
  let afterwards: (name: string) => Promise<void>;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    dispatched = [];
    afterwards = () => Promise.resolve();
    backend.deliverTo({
      subscriptions: [],
      tasks: [
        {
          queue: inviteQueue,
          handle: async ({ name }) => {
            dispatched.push(name);
            await afterwards(name);
          },
        },
      ],
    });
  });

  afterEach(() => close());

  const enqueue = (name: string, notBefore?: number): Promise<unknown> =>
    backend.taskQueue.enqueue(inviteQueue, {
      name,
      payload: '{}',
      ...(notBefore === undefined ? {} : { notBefore: new Date(notBefore) }),
    });

  /** Moves the time, whenever nothing comes any more, until so many were dispatched. */
  async function dispatch(count: number): Promise<void> {
    let seen = dispatched.length;
    for (let idle = 0; dispatched.length < count; idle += 1) {
      await new Promise(setImmediate);
      if (dispatched.length > seen || idle % 20 === 0) clock.advance(1_000 / inviteQueue.maxDispatchesPerSecond);
      seen = dispatched.length;
    }
  }

  test('a purchase that comes a minute after a burst of 10,000 waits for what was there before it, and for nothing else', async () => {
    const burst = Array.from({ length: 10_000 }, (_, index) => `burst-${index}`);
    await Promise.all(burst.map((name) => enqueue(name)));
    await dispatch(60 * 30);
    const before = dispatched.length;
    await enqueue('later');
    // What comes after it does not get in before it either.
    await enqueue('even-later');
    await dispatch(10_002);
    expect(before).toBeLessThan(2_000);
    expect(dispatched.indexOf('later')).toBe(10_000);
    expect(new Set(dispatched).size).toBe(10_002);
  }, 120_000);

  test('a purchase that comes when a burst has been put back is served at its due time among them', async () => {
    const start = clock.now();
    // After a pause they return 200 ms apart, over 100 s.
    await Promise.all(
      Array.from({ length: 500 }, (_, index) => enqueue(`put-back-${index}`, start + 10_000 + index * 200)),
    );
    clock.advance(60_000);
    await enqueue('later');
    await dispatch(501);
    // Those that were due before it, and not the half that is due after it.
    const place = dispatched.indexOf('later');
    expect(place).toBeGreaterThan(0);
    expect(place).toBeLessThanOrEqual(252);
  }, 60_000);

  test('retries that fail again and again do not keep first attempts from their turn', async () => {
    // Each of these asks for a follow-up at once, for ever: more than the queue can dispatch.
    afterwards = async (name) => {
      if (name.startsWith('retry')) await enqueue(`${name}+`);
    };
    await Promise.all(Array.from({ length: 50 }, (_, index) => enqueue(`retry-${index}-`)));
    await dispatch(100);
    const before = dispatched.length;
    await enqueue('first-attempt');
    await dispatch(before + 60);
    expect(dispatched.indexOf('first-attempt')).toBeGreaterThan(0);
    expect(dispatched.indexOf('first-attempt')).toBeLessThanOrEqual(before + 52);
  }, 60_000);
});
