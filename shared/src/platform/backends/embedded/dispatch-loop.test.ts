import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { RetryableError } from '../../ports/errors.ts';
import { createLogger } from '../../log/logger.ts';
import { eventually } from '../../testing/eventually.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { DispatchLoop, type DispatchSource } from './dispatch-loop.ts';
import { silentLog } from './testing/embedded-for-test.ts';

/** A store of numbers that are all due. */
class FakeSource implements DispatchSource<number> {
  readonly name = 'fake';
  readonly handled: number[] = [];
  readonly failures: unknown[] = [];
  readonly due: Set<number>;
  fetches = 0;
  handler: (job: number) => Promise<void> = () => Promise.resolve();
  beforeRead: () => void = () => undefined;
  beforeStore: () => Promise<void> = () => Promise.resolve();

  constructor(keys: Iterable<number>) {
    this.due = new Set(keys);
  }

  dueKeys(_nowMs: number, limit: number): number[] {
    this.fetches += 1;
    this.beforeRead();
    return [...this.due].slice(0, limit);
  }

  nextDueAt(): undefined {
    return undefined;
  }

  load(key: number): number | undefined {
    return this.due.has(key) ? key : undefined;
  }

  handle(job: number): Promise<void> {
    this.handled.push(job);
    return this.handler(job);
  }

  async succeeded(job: number): Promise<void> {
    await this.beforeStore();
    this.due.delete(job);
  }

  failed(job: number, error: unknown): Promise<void> {
    this.failures.push(error);
    this.due.delete(job);
    return Promise.resolve();
  }
}

async function turns(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await nextTurn();
}

test('no more runs are at work than allowed, and every key runs once', async () => {
  const source = new FakeSource(Array.from({ length: 1_000 }, (_, n) => n));
  let atWork = 0;
  let peak = 0;
  source.handler = async () => {
    atWork += 1;
    peak = Math.max(peak, atWork);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    atWork -= 1;
  };
  const loop = new DispatchLoop(source, { maxConcurrency: 7, deadlineMs: 10_000 }, new ManualClock(), silentLog);
  loop.wake();
  await eventually(() => source.due.size === 0);
  expect(peak).toBe(7);
  expect(source.handled).toHaveLength(1_000);
  // Keys are looked up by the batch, not one by one.
  expect(source.fetches).toBeLessThan(10);
  await loop.stop(0);
});

test('a busy process starts a run every 5 ms, and all that is due once it is no longer busy', async () => {
  const clock = new ManualClock();
  const source = new FakeSource(Array.from({ length: 1_000 }, (_, n) => n));
  let busy = true;
  const loop = new DispatchLoop(
    source,
    { maxConcurrency: 200, deadlineMs: 10_000, isBusy: () => busy },
    clock,
    silentLog,
  );
  loop.wake();
  for (let started = 1; started <= 20; started += 1) {
    await eventually(() => source.handled.length === started);
    await turns();
    expect(source.handled).toHaveLength(started);
    clock.advance(5);
  }
  busy = false;
  clock.advance(5);
  await eventually(() => source.due.size === 0);
  await loop.stop(0);
});

test('an outcome that cannot be stored is stored later, without running the handler again', async () => {
  const clock = new ManualClock();
  const source = new FakeSource([1]);
  let refusals = 2;
  source.beforeStore = () => {
    refusals -= 1;
    return refusals >= 0 ? Promise.reject(new RetryableError('storage_full', 'full')) : Promise.resolve();
  };
  const loop = new DispatchLoop(source, { maxConcurrency: 1, deadlineMs: 60_000 }, clock, silentLog);
  loop.wake();
  await eventually(() => refusals === 1);
  await eventually(() => {
    clock.advance(1_000);
    return source.due.size === 0;
  });
  expect(source.handled).toEqual([1]);
  await loop.stop(0);
});

test('a store that cannot be read is read again after a pause, and the failure is logged', async () => {
  const clock = new ManualClock();
  const lines: string[] = [];
  const source = new FakeSource([1]);
  source.beforeRead = () => {
    if (source.fetches === 1) throw new RetryableError('storage_error', 'unreadable');
  };
  const log = createLogger({ level: 'info', secrets: [], write: (line) => lines.push(line) });
  const loop = new DispatchLoop(source, { maxConcurrency: 1, deadlineMs: 60_000 }, clock, log);
  loop.wake();
  await turns();
  expect(source.fetches).toBe(1);
  expect(lines).toHaveLength(1);
  clock.advance(1_000);
  await eventually(() => source.due.size === 0);
  await loop.stop(0);
});

test('keys that lead nowhere do not keep the loop busy', async () => {
  const clock = new ManualClock();
  const source = new FakeSource([1, 2, 3]);
  source.load = () => undefined;
  const loop = new DispatchLoop(source, { maxConcurrency: 1, deadlineMs: 60_000 }, clock, silentLog);
  loop.wake();
  await turns();
  expect(source.fetches).toBe(1);
  await loop.stop(0);
});

test('stopping gives up on a handler that outlasts the drain time, and its late outcome is harmless', async () => {
  const clock = new ManualClock();
  const source = new FakeSource([1, 2]);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  source.handler = async () => {
    await promise;
  };
  const loop = new DispatchLoop(source, { maxConcurrency: 1, deadlineMs: 60_000 }, clock, silentLog);
  loop.wake();
  await eventually(() => source.handled.length === 1);
  let stopped = false;
  const stopping = loop.stop(5_000).then(() => {
    stopped = true;
  });
  clock.advance(4_999);
  await turns();
  expect(stopped).toBe(false);
  clock.advance(1);
  await stopping;
  resolve(undefined);
  await turns();
  expect(source.handled).toEqual([1]);
});
