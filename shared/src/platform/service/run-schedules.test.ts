import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RetryableError } from '../ports/errors.ts';
import type { Schedule } from '../ports/topology-types.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { RecordingEventBus } from '../testing/recording-ports.ts';
import { silentLog } from '../testing/temporary-backend.ts';
import { runSchedules } from './run-schedules.ts';

const MINUTE = 60_000;
const schedule: Schedule = {
  name: 'tick',
  description: '',
  topic: { name: 'ticks', retentionSeconds: 600 },
  message: { data: '{}', attributes: { type: 'Tick' } },
  everyMinutes: 10,
};

let clock: ManualClock;
let eventBus: RecordingEventBus;
let stopping: AbortController;
let running: Promise<void>;

function start(schedules: readonly Schedule[] = [schedule]): void {
  stopping = new AbortController();
  running = runSchedules(schedules, { eventBus, clock, log: silentLog }, stopping.signal);
}

async function stop(): Promise<void> {
  stopping.abort();
  await running;
}

async function pass(durationMs: number): Promise<number> {
  clock.advance(durationMs);
  // What was woken runs on, up to its next sleep.
  await new Promise(setImmediate);
  return eventBus.published.length;
}

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 0, 1, 12, 3));
  eventBus = new RecordingEventBus();
  start();
});

afterEach(() => stop());

test('a message is published once at each due time of the clock', async () => {
  expect(await pass(7 * MINUTE - 1)).toBe(0);
  expect(await pass(1)).toBe(1);
  expect(await pass(9 * MINUTE)).toBe(1);
  expect(await pass(MINUTE)).toBe(2);
  expect(eventBus.published[0]).toEqual({ topic: 'ticks', message: schedule.message });
});

test('a restart moves no due time, however often it happens, and repeats none', async () => {
  for (let minute = 0; minute < 7; minute += 1) {
    await stop();
    start();
    expect(await pass(MINUTE)).toBe(minute === 6 ? 1 : 0);
  }
  await stop();
  start();
  expect(await pass(9 * MINUTE)).toBe(1);
});

test('due times that pass unseen do not pile up', async () => {
  expect(await pass(3 * 60 * MINUTE)).toBe(1);
  expect(await pass(7 * MINUTE)).toBe(2);
});

test('a message that cannot be published is left out, and the next one comes', async () => {
  eventBus.failNext = new RetryableError('storage_full', 'no space');
  expect(await pass(7 * MINUTE)).toBe(0);
  expect(await pass(10 * MINUTE)).toBe(1);
});

test('each schedule has its own times, and one of 0 minutes has none', async () => {
  await stop();
  start([schedule, { ...schedule, everyMinutes: 1 }, { ...schedule, everyMinutes: 0 }]);
  for (let minute = 0; minute < 7; minute += 1) await pass(MINUTE);
  expect(eventBus.published).toHaveLength(8);
});

test('a clock that is set back by hours does not stop the schedule for hours', async () => {
  await pass(7 * MINUTE);
  clock.setBy(-5 * 60 * MINUTE);
  expect(await pass(10 * MINUTE)).toBe(2);
  expect(await pass(10 * MINUTE)).toBe(3);
});
