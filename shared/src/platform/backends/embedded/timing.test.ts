import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createLogger } from '../../log/logger.ts';
import type { ReceivedMessage } from '../../ports/event-bus.ts';
import { gate } from '../../testing/contracts/harness.ts';
import { eventually } from '../../testing/eventually.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { Queue, Subscription, Topic, Topology } from '../../ports/topology-types.ts';
import { openDatabase } from './database.ts';
import { EmbeddedBackend } from './open-embedded-backend.ts';
import { SWEEP_INTERVAL_MS } from './sweep.ts';
import { temporaryFolder } from './testing/embedded-for-test.ts';

const HOUR_MS = 3_600_000;
const topic: Topic = { name: 'events', retentionSeconds: 600 };
const deadLetterTopic: Topic = { name: 'parked', retentionSeconds: 600 };
const subscription: Subscription = {
  name: 'reader',
  topic,
  service: 'link-worker',
  ackDeadlineSeconds: 30,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 4,
  maxConcurrency: 10,
};
const queue: Queue = {
  name: 'queue',
  service: 'link-worker',
  maxDispatchesPerSecond: 5,
  maxConcurrentDispatches: 10,
  dispatchDeadlineSeconds: 60,
  minBackoffSeconds: 2,
  maxBackoffSeconds: 5,
};
const topology: Topology = {
  topics: [topic, deadLetterTopic],
  subscriptions: [subscription],
  queues: [queue],
  collections: [],
};

interface Bench extends AsyncDisposable {
  readonly backend: EmbeddedBackend;
  readonly database: DatabaseSync;
  readonly clock: ManualClock;
  readonly logLines: string[];
  readonly count: (table: string) => number;
}

function bench(used: Topology = topology): Bench {
  const folder = temporaryFolder();
  const clock = new ManualClock();
  const logLines: string[] = [];
  const log = createLogger({ level: 'debug', secrets: [], write: (line) => logLines.push(line) });
  const database = openDatabase(folder.path);
  const backend = new EmbeddedBackend(database, { topology: used, clock, log });
  return {
    backend,
    database,
    clock,
    logLines,
    count: (table) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']),
    [Symbol.asyncDispose]: async () => {
      await backend.close();
      folder[Symbol.dispose]();
    },
  };
}

/**
 * Enough turns of the event loop for everything that is due at this moment to happen, with no sync of the log under
 * way.
 */
async function settle(): Promise<void> {
  for (
    let calmTurns = 0;
    calmTurns < 30;
    calmTurns = process.getActiveResourcesInfo().includes('FSReqCallback') ? 0 : calmTurns + 1
  )
    await nextTurn();
}

/** Seconds, from now on, at which `calls` grows, looked at each half second. */
async function timesOfCalls(clock: ManualClock, calls: () => number, forSeconds: number): Promise<number[]> {
  const times: number[] = [];
  await settle();
  for (let half = 0; half <= forSeconds * 2; half += 1) {
    if (half > 0) clock.advance(500);
    await settle();
    while (times.length < calls()) times.push(half / 2);
  }
  return times;
}

test('redelivery waits from the least to the greatest backoff, doubling', async () => {
  await using b = bench();
  const attempts: (number | undefined)[] = [];
  b.backend.deliverTo({
    subscriptions: [
      {
        subscription,
        handle: (message) => {
          attempts.push(message.deliveryAttempt);
          return Promise.reject(new Error('no'));
        },
      },
    ],
    tasks: [],
  });
  await b.backend.eventBus.publish(topic, { data: '', attributes: {} });
  expect(await timesOfCalls(b.clock, () => attempts.length, 16)).toEqual([0, 1, 3, 7, 11, 15]);
  expect(attempts).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a failing task waits from the least to the greatest backoff, doubling', async () => {
  await using b = bench();
  let calls = 0;
  const handle = (): Promise<void> => {
    calls += 1;
    return Promise.reject(new Error('no'));
  };
  b.backend.deliverTo({ subscriptions: [], tasks: [{ queue, handle }] });
  await b.backend.taskQueue.enqueue(queue, { name: 'a', payload: '' });
  expect(await timesOfCalls(b.clock, () => calls, 17)).toEqual([0, 2, 6, 11, 16]);
});

test('a handler that outlasts the ack deadline has failed; its late success does not acknowledge', async () => {
  await using b = bench();
  const release = gate();
  const calls: ReceivedMessage[] = [];
  b.backend.deliverTo({
    subscriptions: [
      {
        subscription,
        handle: async (message) => {
          calls.push(message);
          if (calls.length <= 2) await release.opened;
        },
      },
    ],
    tasks: [],
  });
  await b.backend.eventBus.publish(topic, { data: '', attributes: {} });
  // 30 s of deadline and 1 s of backoff, then the same with 2 s.
  expect(await timesOfCalls(b.clock, () => calls.length, 62.5)).toEqual([0, 31]);
  release.open();
  await settle();
  expect(b.count('deliveries')).toBe(1);
  expect(await timesOfCalls(b.clock, () => calls.length, 1)).toEqual([0, 0, 0.5]);
  expect(calls.map((message) => message.deliveryAttempt)).toEqual([1, 2, 3]);
  await settle();
  expect(b.count('deliveries')).toBe(0);
});

test('a dead letter is logged without its content', async () => {
  const strict: Subscription = { ...subscription, deadLetter: { topic: deadLetterTopic, maxDeliveryAttempts: 5 } };
  await using b = bench({ ...topology, subscriptions: [strict] });
  b.backend.deliverTo({
    subscriptions: [{ subscription: strict, handle: () => Promise.reject(new Error('private reason')) }],
    tasks: [],
  });
  await b.backend.eventBus.publish(topic, { data: 'private data', attributes: { private: 'attribute' } });
  await eventually(() => {
    b.clock.advance(4_000);
    expect(b.logLines).toHaveLength(1);
  });
  expect(JSON.parse(b.logLines[0] ?? '')).toMatchObject({
    level: 'warn',
    subscription: 'reader',
    attempts: 5,
    code: 'unexpected_error',
  });
  expect(b.logLines[0]).not.toContain('private');
  expect(b.count('deliveries')).toBe(0);
});

test('dispatches follow the rate of the queue', async () => {
  await using b = bench();
  let calls = 0;
  b.backend.deliverTo({
    subscriptions: [],
    tasks: [
      {
        queue,
        handle: () => {
          calls += 1;
          return Promise.resolve();
        },
      },
    ],
  });
  for (let n = 0; n < 100; n += 1) await b.backend.taskQueue.enqueue(queue, { name: `task-${n}`, payload: '' });
  await settle();
  const before = calls;
  for (let n = 0; n < 100; n += 1) {
    b.clock.advance(100);
    await settle();
  }
  expect(calls - before).toBe(50);
});

test('a message is kept for its retention time and until everybody has acknowledged it, then swept', async () => {
  await using b = bench();
  let stubborn = true;
  const delivered: string[] = [];
  b.backend.deliverTo({
    subscriptions: [
      {
        subscription,
        handle: (message) => {
          delivered.push(message.data);
          return message.data === 'stubborn' && stubborn ? Promise.reject(new Error('no')) : Promise.resolve();
        },
      },
    ],
    tasks: [],
  });
  for (const data of ['stubborn', 'a', 'b']) await b.backend.eventBus.publish(topic, { data, attributes: {} });
  await eventually(() => b.count('deliveries') === 1);

  b.clock.advance(590_000);
  await settle();
  expect(b.count('messages')).toBe(3);
  const seen = delivered.length;
  await b.backend.eventBus.seek(subscription, new Date(0));
  await eventually(() => expect(delivered.slice(seen)).toEqual(expect.arrayContaining(['a', 'b', 'stubborn'])));

  b.clock.advance(11_000);
  await eventually(() => {
    b.clock.advance(SWEEP_INTERVAL_MS);
    expect(b.count('messages')).toBe(1);
  });
  stubborn = false;
  await eventually(() => {
    b.clock.advance(SWEEP_INTERVAL_MS);
    expect(b.count('messages')).toBe(0);
  });
});

test('sweeping many messages takes small steps, and traffic goes on between them', async () => {
  await using b = bench();
  const insert = b.database.prepare(
    `INSERT INTO messages (topic, published_at, attributes, data) VALUES ('events', ?, '{}', '')`,
  );
  // The sweep that every start begins with.
  await settle();
  for (let n = 0; n < 2_100; n += 1) insert.run(b.clock.now() - 601_000);
  b.clock.advance(SWEEP_INTERVAL_MS);
  await settle();
  expect(b.count('messages')).toBe(1_600);
  await b.backend.eventBus.publish(topic, { data: 'kept', attributes: {} });
  await eventually(() => {
    b.clock.advance(1_000);
    expect(b.count('messages')).toBe(1);
  });
});

test('a subscription that the topology no longer has does not keep messages for ever', async () => {
  await using b = bench();
  await b.backend.eventBus.publish(topic, { data: '', attributes: {} });
  b.database.exec(`UPDATE deliveries SET subscription = 'gone'`);
  b.clock.advance(601_000);
  await eventually(() => {
    b.clock.advance(SWEEP_INTERVAL_MS);
    expect([b.count('messages'), b.count('deliveries')]).toEqual([0, 0]);
  });
});

test('a message id does not come back after the newest messages have been swept', async () => {
  await using b = bench({ ...topology, subscriptions: [] });
  const first = await b.backend.eventBus.publish(topic, { data: '', attributes: {} });
  b.clock.advance(601_000);
  await eventually(() => {
    b.clock.advance(SWEEP_INTERVAL_MS);
    expect(b.count('messages')).toBe(0);
  });
  expect(await b.backend.eventBus.publish(topic, { data: '', attributes: {} })).not.toBe(first);
});

test('the name of a finished task is free again after an hour, swept or not', async () => {
  await using b = bench();
  const runs: string[] = [];
  b.backend.deliverTo({
    subscriptions: [],
    tasks: [
      {
        queue,
        handle: (task) => {
          runs.push(task.payload);
          return Promise.resolve();
        },
      },
    ],
  });
  const add = (payload: string): Promise<string> => b.backend.taskQueue.enqueue(queue, { name: 'a', payload });
  expect(await add('first')).toBe('created');
  await eventually(() => b.count('tasks WHERE finished_at IS NOT NULL') === 1);
  b.clock.advance(HOUR_MS - 1);
  expect(await add('too early')).toBe('exists');
  b.clock.advance(1);
  expect(await add('second')).toBe('created');
  await eventually(() => expect(runs).toEqual(['first', 'second']));
  await eventually(() => b.count('tasks WHERE finished_at IS NOT NULL') === 1);
  b.clock.advance(HOUR_MS);
  await eventually(() => {
    b.clock.advance(SWEEP_INTERVAL_MS);
    expect(b.count('tasks')).toBe(0);
  });
});

test('a seek during a delivery has the message delivered once more, with every outcome of that delivery', async () => {
  await using b = bench();
  const finish = gate();
  let calls = 0;
  b.backend.deliverTo({
    subscriptions: [
      {
        subscription,
        handle: async () => {
          calls += 1;
          if (calls === 1) await finish.opened;
        },
      },
    ],
    tasks: [],
  });
  await b.backend.eventBus.publish(topic, { data: '', attributes: {} });
  await eventually(() => calls === 1);
  await b.backend.eventBus.seek(subscription, new Date(0));
  finish.open();
  await eventually(() => calls === 2);
  await eventually(() => b.count('deliveries') === 0);
});
