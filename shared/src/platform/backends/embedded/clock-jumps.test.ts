import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createLogger } from '../../log/logger.ts';
import { createDocument } from '../../ports/document-store.ts';
import { eventually } from '../../testing/eventually.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import type { Collection, Queue, Subscription, Topic, Topology } from '../../ports/topology-types.ts';
import { openDatabase } from './database.ts';
import { EmbeddedBackend } from './open-embedded-backend.ts';
import { SWEEP_INTERVAL_MS } from './sweep.ts';
import { temporaryFolder } from './testing/embedded-for-test.ts';
import { ofNobody } from '../../testing/of-nobody.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const YEAR_MS = 365 * DAY_MS;
const JUMPS = [-5 * MINUTE_MS, 5 * MINUTE_MS, -YEAR_MS, YEAR_MS];

const topic: Topic = { name: 'events', retentionSeconds: 7 * 24 * 3_600 };
const reader: Subscription = {
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
  maxDispatchesPerSecond: 100,
  maxConcurrentDispatches: 10,
  dispatchDeadlineSeconds: 60,
  minBackoffSeconds: 1,
  maxBackoffSeconds: 5,
};
const notes: Collection<{ readonly expiresAt: string }> = {
  name: 'notes',
  ...ofNobody,
  indexes: [],
  ttlField: 'expiresAt',
};
const topology: Topology = { topics: [topic], subscriptions: [reader], queues: [queue], collections: [notes] };

/** One store through several lives of its process, on a machine whose clock can be set. */
class Lives implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly handled: string[] = [];
  /** Of each of these the first attempt fails. */
  readonly failing = new Set<string>();
  readonly lines: string[] = [];
  readonly #folder = temporaryFolder();
  #open: EmbeddedBackend | undefined;
  #database: ReturnType<typeof openDatabase> | undefined;

  start(): EmbeddedBackend {
    const log = createLogger({ level: 'warn', secrets: [], write: (line) => this.lines.push(line) });
    this.#database = openDatabase(this.#folder.path);
    this.#open = new EmbeddedBackend(this.#database, { topology, clock: this.clock, log });
    return this.#open;
  }

  deliver(): void {
    const handle = (name: string): Promise<void> => {
      if (this.failing.delete(name)) return Promise.reject(new Error('not yet'));
      this.handled.push(name);
      return Promise.resolve();
    };
    this.#open?.deliverTo({
      subscriptions: [{ subscription: reader, handle: ({ data }) => handle(data) }],
      tasks: [{ queue, handle: ({ name }) => handle(name) }],
    });
  }

  async stop(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
  }

  count(table: string): number {
    return Number(this.#database?.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
  }

  /** Between two lives. */
  change(sql: string): void {
    const database = openDatabase(this.#folder.path);
    database.exec(sql);
    database.close();
  }

  /** Time passes, in steps of a tenth of a second. */
  async pass(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 100) {
      this.clock.advance(100);
      for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    }
  }

  async passUntil(done: () => boolean, withinMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < withinMs && !done(); passedMs += 100) {
      await this.pass(100);
      // The disk goes by another clock: a write of ours takes as long as one of the store's, whatever the machine does.
      if (!done()) await writeFile(join(this.#folder.path, 'write-of-ours'), '.', { flush: true });
    }
    expect(done()).toBe(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#folder[Symbol.dispose]();
  }
}

describe.each(JUMPS)('a clock that is set by %d ms while running', (jumpMs) => {
  test('delays nothing that waits, and nothing that comes', async () => {
    await using lives = new Lives();
    const backend = lives.start();
    lives.deliver();
    lives.failing.add('again').add('task-again');
    const { eventBus, taskQueue } = backend;
    await eventBus.publish(topic, { data: 'again', attributes: {} });
    await taskQueue.enqueue(queue, { name: 'task-again', payload: '' });
    await taskQueue.enqueue(queue, { name: 'task-later', payload: '', notBefore: new Date(lives.clock.now() + 3_000) });
    await eventually(() => lives.failing.size === 0);
    await lives.pass(100);
    lives.clock.setBy(jumpMs);
    await eventBus.publish(topic, { data: 'new', attributes: {} });
    await taskQueue.enqueue(queue, { name: 'task-new', payload: '' });
    const later = jumpMs < 0 ? ['task-later'] : [];
    await taskQueue.enqueue(queue, {
      name: 'task-new-later',
      payload: '',
      notBefore: new Date(lives.clock.now() + 2_000),
    });
    await lives.pass(500);
    expect(lives.handled).not.toContain('task-new-later');
    for (const name of later) expect(lives.handled).not.toContain(name);
    await lives.passUntil(() => lives.handled.length === 6, 5_000);
    expect(lives.handled.sort()).toEqual(['again', 'new', 'task-again', 'task-later', 'task-new', 'task-new-later']);
  });

  test('is logged, and reported on request, now and after a restart', async () => {
    await using lives = new Lives();
    const backend = lives.start();
    await lives.pass(3_000);
    lives.clock.setBy(jumpMs);
    await lives.pass(2_000);
    const { clock } = backend.administration;
    await eventually(() => clock?.report().lastJump !== undefined);
    expect(clock?.report().lastJump?.byMs).toBe(jumpMs);
    expect(lives.lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ level: 'warn', message: expect.stringContaining('the clock was set'), byMs: jumpMs }),
    );
    await lives.stop();
    expect(lives.start().administration.clock?.report().lastJump?.byMs).toBe(jumpMs);
  });
});

test('a message published by a clock that was ahead is found by a reading until now, while running and after a start', async () => {
  await using lives = new Lives();
  const readAll = async ({ administration }: EmbeddedBackend): Promise<string[]> => {
    const { messages } = await administration.bus.readRetained({
      topic,
      from: new Date(0),
      until: new Date(lives.clock.now() + 1),
      limit: 10,
    });
    return messages.map(({ data }) => data);
  };
  const backend = lives.start();
  await lives.pass(1_000);
  lives.clock.setBy(YEAR_MS);
  await backend.eventBus.publish(topic, { data: 'ahead', attributes: {} });
  lives.clock.setBy(-YEAR_MS - 5 * MINUTE_MS);
  await lives.pass(1_000);
  await eventually(async () => expect(await readAll(backend)).toEqual(['ahead']));
  await lives.stop();
  lives.clock.setBy(-5 * MINUTE_MS);
  expect(await readAll(lives.start())).toEqual(['ahead']);
});

test('property: under every clock each message and task ends in its time', async () => {
  for (const seed of [1, 2, 3, 4]) {
    await using lives = new Lives();
    const random = seededRandom(seed);
    const { eventBus, taskQueue } = lives.start();
    lives.deliver();
    const sent: Promise<unknown>[] = [];
    for (let step = 0; step < 60; step += 1) {
      const message = `message-${step}`;
      const task = `task-${step}`;
      if (random() < 0.3) lives.failing.add(message).add(task);
      sent.push(eventBus.publish(topic, { data: message, attributes: {} }));
      sent.push(
        taskQueue.enqueue(queue, {
          name: task,
          payload: '',
          notBefore: new Date(lives.clock.now() + Math.floor(random() * 2_000)),
        }),
      );
      if (random() < 0.3) lives.clock.setBy(Math.round((random() - 0.5) * 10 ** (3 + Math.floor(random() * 9))));
      await lives.pass(100);
    }
    await Promise.all(sent);
    await lives.passUntil(() => lives.handled.length === 120, 5_000);
    expect(new Set(lives.handled).size).toBe(120);
  }
});

test('a clock that stands still delays nothing', async () => {
  await using lives = new Lives();
  const { eventBus, taskQueue } = lives.start();
  lives.deliver();
  lives.failing.add('again');
  await eventBus.publish(topic, { data: 'again', attributes: {} });
  await taskQueue.enqueue(queue, { name: 'task-later', payload: '', notBefore: new Date(lives.clock.now() + 3_000) });
  await eventually(() => lives.failing.size === 0);
  for (let step = 0; step < 60; step += 1) {
    lives.clock.setBy(-100);
    await lives.pass(100);
  }
  await eventually(() => expect(lives.handled).toEqual(['again', 'task-later']));
});

describe('a start with a clock that is behind the one before', () => {
  test.each([-5 * MINUTE_MS, -YEAR_MS])('by %d ms: what waited for seconds waits for seconds', async (jumpMs) => {
    await using lives = new Lives();
    const before = lives.start();
    await before.eventBus.publish(topic, { data: 'message', attributes: {} });
    await before.taskQueue.enqueue(queue, { name: 'task', payload: '' });
    await before.taskQueue.enqueue(queue, {
      name: 'task-later',
      payload: '',
      notBefore: new Date(lives.clock.now() + 4_000),
    });
    await lives.stop();
    lives.clock.setBy(jumpMs);
    const after = lives.start();
    lives.deliver();
    expect(after.administration.clock?.report().lastJump?.byMs).toBeCloseTo(jumpMs, -4);
    await eventually(() => lives.handled.length === 2);
    expect(lives.handled).not.toContain('task-later');
    await lives.passUntil(() => lives.handled.length === 3, 6_000);
  });

  test('in a store that never marked the time: nothing waits for longer than it may', async () => {
    await using lives = new Lives();
    const before = lives.start();
    await before.eventBus.publish(topic, { data: 'first', attributes: {} });
    await before.eventBus.publish(topic, { data: 'failed', attributes: {} });
    await before.taskQueue.enqueue(queue, { name: 'task', payload: '' });
    await lives.stop();
    lives.change(
      `UPDATE deliveries SET due_at = due_at + ${YEAR_MS}; UPDATE deliveries SET attempts = 3 WHERE seq = 2; UPDATE tasks SET due_at = due_at + ${YEAR_MS}`,
    );
    lives.change(`DELETE FROM meta WHERE key LIKE 'clock.%'`);
    lives.start();
    lives.deliver();
    await lives.passUntil(() => lives.handled.length === 3, 5_000);
  });
});

describe('a clock that is a year ahead', () => {
  async function used(lives: Lives): Promise<EmbeddedBackend> {
    const backend = lives.start();
    await backend.eventBus.publish(topic, { data: 'kept', attributes: {} });
    await backend.taskQueue.enqueue(queue, { name: 'done', payload: '' });
    await backend.store.commit([
      createDocument(notes, 'note', { expiresAt: new Date(lives.clock.now() + 30 * DAY_MS).toISOString() }),
    ]);
    lives.deliver();
    await eventually(() => lives.handled.length === 2 && lives.count('deliveries') === 0);
    return backend;
  }

  async function expectNothingLost(lives: Lives, backend: EmbeddedBackend): Promise<void> {
    for (let sweep = 0; sweep < 5; sweep += 1) {
      lives.clock.advance(SWEEP_INTERVAL_MS);
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    }
    expect([lives.count('messages'), lives.count('tasks'), lives.count('documents')]).toEqual([1, 1, 1]);
    expect(await backend.store.get(notes, 'note')).toBeDefined();
    expect(await backend.taskQueue.enqueue(queue, { name: 'done', payload: '' })).toBe('exists');
    expect(backend.administration.clock?.report().doubtedMs).toBeGreaterThan(YEAR_MS - DAY_MS);
  }

  test('while running has nothing deleted, forgotten or expired', async () => {
    await using lives = new Lives();
    const backend = await used(lives);
    lives.clock.setBy(YEAR_MS);
    await expectNothingLost(lives, backend);
    lives.clock.setBy(-YEAR_MS);
    expect(backend.administration.clock?.report().doubtedMs).toBe(0);
  });

  test('at a start neither, nor after the next start with a clock that is right; and what came meanwhile is no year old', async () => {
    await using lives = new Lives();
    await used(lives);
    await lives.stop();
    lives.clock.setBy(YEAR_MS);
    await expectNothingLost(lives, lives.start());
    await lives.stop();
    lives.clock.setBy(-YEAR_MS);
    const backend = lives.start();
    expect(backend.administration.clock?.report().doubtedMs).toBe(0);
    await backend.eventBus.publish(topic, { data: 'new', attributes: {} });
    lives.deliver();
    await eventually(() => lives.handled.includes('new'));
  });

  test('is believed after a day, and then deletes as ever', async () => {
    await using lives = new Lives();
    const backend = await used(lives);
    lives.clock.setBy(YEAR_MS);
    expect(backend.administration.clock?.report().doubtedMs).toBe(YEAR_MS);
    lives.clock.advance(DAY_MS);
    await eventually(async () => {
      lives.clock.advance(SWEEP_INTERVAL_MS);
      for (let turn = 0; turn < 5; turn += 1) await nextTurn();
      return lives.count('messages') + lives.count('documents') + lives.count('tasks') === 0;
    });
  });
});
