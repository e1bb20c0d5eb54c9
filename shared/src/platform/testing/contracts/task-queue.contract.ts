import { describe, expect, test } from '@jest/globals';
import { PermanentError } from '../../ports/errors.ts';
import type { ReceivedTask, TaskHandler } from '../../ports/task-queue.ts';
import type { Queue, Topology } from '../../ports/topology-types.ts';
import { eventually } from '../eventually.ts';
import { crash, freshSuffix, gate, staysTrue, withBackend, type ContractHarness } from './harness.ts';

// What every TaskQueue must do (ports/task-queue.ts). It cannot prove that a name is blocked for the whole hour, that
// an engine holds its rate over more than some seconds, or what the engine does to a queue whose handlers often fail.

const BACKOFF_SECONDS = 1;
const DISPATCH_DEADLINE_SECONDS = 15;
const WATCH_MS = (BACKOFF_SECONDS + 1) * 1_000;
const SLOW_TEST_MS = 90_000;

interface QueueTopology extends Topology {
  readonly queue: Queue;
}

function queueTopology(
  limits: Partial<Pick<Queue, 'maxDispatchesPerSecond' | 'maxConcurrentDispatches'>> = {},
): QueueTopology {
  const queue: Queue = {
    name: `queue-${freshSuffix()}`,
    service: 'link-worker',
    maxDispatchesPerSecond: 100,
    maxConcurrentDispatches: 10,
    dispatchDeadlineSeconds: DISPATCH_DEADLINE_SECONDS,
    minBackoffSeconds: BACKOFF_SECONDS,
    maxBackoffSeconds: BACKOFF_SECONDS,
    ...limits,
  };
  return { topics: [], subscriptions: [], queues: [queue], collections: [], queue };
}

function recorder(): { readonly received: ReceivedTask[]; readonly handle: TaskHandler } {
  const received: ReceivedTask[] = [];
  return {
    received,
    handle: (task) => {
      received.push(task);
      return Promise.resolve();
    },
  };
}

function namesOf(tasks: readonly ReceivedTask[]): string[] {
  return [...new Set(tasks.map((task) => task.name))].sort();
}

export function taskQueueContract(harness: ContractHarness): void {
  const crashTest = harness.canCrash ? test : test.skip;

  describe(`task queue on ${harness.name}`, () => {
    test('tasks are dispatched with their payload, also those from before anybody listened', async () => {
      await withBackend(harness, queueTopology(), async (backend, { queue }) => {
        const payload = 'Grüße 👋 ' + 'x'.repeat(90_000);
        expect(await backend.taskQueue.enqueue(queue, { name: 'early', payload })).toBe('created');
        const { received, handle } = recorder();
        backend.deliverTo({ subscriptions: [], tasks: [{ queue, handle }] });
        expect(await backend.taskQueue.enqueue(queue, { name: 'late_1.x-Y', payload: '' })).toBe('created');
        await eventually(() => expect(namesOf(received)).toEqual(['early', 'late_1.x-Y']));
        expect(received.find(({ name }) => name === 'early')).toEqual({ name: 'early', payload, attemptNumber: 1 });
        expect(received.find(({ name }) => name === 'late_1.x-Y')?.payload).toBe('');
      });
    });

    test('a name is taken while its task waits and after it has finished', async () => {
      await withBackend(harness, queueTopology(), async (backend, { queue }) => {
        const add = (payload: string): Promise<string> =>
          backend.taskQueue.enqueue(queue, { name: 'only-one', payload });
        expect((await Promise.all(['a', 'b', 'c'].map(add))).sort()).toEqual(['created', 'exists', 'exists']);
        expect(await add('d')).toBe('exists');
        const { received, handle } = recorder();
        backend.deliverTo({ subscriptions: [], tasks: [{ queue, handle }] });
        await eventually(() => received.length > 0);
        await staysTrue(() => true, 300);
        expect(await add('e')).toBe('exists');
        expect(await staysTrue(() => received.length === 1, WATCH_MS)).toBe(true);
      });
    });

    test('a task is not dispatched before its time', async () => {
      await withBackend(harness, queueTopology(), async (backend, { queue }) => {
        const arrivals = new Map<string, number>();
        const handle: TaskHandler = ({ name }) => {
          arrivals.set(name, Date.now());
          return Promise.resolve();
        };
        backend.deliverTo({ subscriptions: [], tasks: [{ queue, handle }] });
        const notBefore = new Date(Date.now() + 2_000);
        await backend.taskQueue.enqueue(queue, { name: 'later', payload: '', notBefore });
        await backend.taskQueue.enqueue(queue, {
          name: 'past',
          payload: '',
          notBefore: new Date(Date.now() - 3_600_000),
        });
        await backend.taskQueue.enqueue(queue, { name: 'now', payload: '' });
        await eventually(() => expect([...arrivals.keys()].sort()).toEqual(['later', 'now', 'past']));
        expect(arrivals.get('later')).toBeGreaterThanOrEqual(notBefore.getTime());
      });
    });

    test('dispatches stay under the rate', async () => {
      await withBackend(harness, queueTopology({ maxDispatchesPerSecond: 20 }), async (backend, { queue }) => {
        // Before the first can be dispatched: on a busy machine it comes late, and the others close behind it.
        const startedAt = performance.now();
        for (let n = 0; n < 60; n += 1) await backend.taskQueue.enqueue(queue, { name: `task-${n}`, payload: '' });
        const times: number[] = [];
        const handle: TaskHandler = () => {
          times.push(performance.now());
          return Promise.resolve();
        };
        backend.deliverTo({ subscriptions: [], tasks: [{ queue, handle }] });
        await eventually(() => times.length >= 60);
        // 60 at 20 a second take 3 s; half a second's worth may come as a burst.
        expect((times[59] ?? 0) - startedAt).toBeGreaterThan(2_400);
      });
    });

    test('queues keep apart, those of one service and those of two: names, handlers, rates', async () => {
      const slow = { ...queueTopology().queue, maxDispatchesPerSecond: 1, maxConcurrentDispatches: 1 };
      const beside = queueTopology().queue;
      const elsewhere: Queue = { ...queueTopology().queue, service: 'join-tracker' };
      const queues = [slow, beside, elsewhere];
      await withBackend(harness, { ...queueTopology(), queues }, async (backend) => {
        const dispatched = new Map<Queue, string[]>(queues.map((queue) => [queue, []]));
        const namesIn = (queue: Queue): readonly string[] => [...new Set(dispatched.get(queue))].sort();
        const end = gate();
        const names = Array.from({ length: 5 }, (_, n) => `task-${n}`);
        for (const queue of queues)
          for (const name of names)
            expect(await backend.taskQueue.enqueue(queue, { name, payload: queue.name })).toBe('created');
        backend.deliverTo({
          subscriptions: [],
          tasks: queues.map((queue) => ({
            queue,
            handle: async ({ name, payload }) => {
              expect(payload).toBe(queue.name);
              dispatched.get(queue)?.push(name);
              if (queue === slow) await end.opened;
            },
          })),
        });
        await eventually(() => expect([namesIn(beside), namesIn(elsewhere)]).toEqual([names, names]));
        await eventually(() => expect(namesIn(slow)).toHaveLength(1));
        end.open();
      });
    });

    test('no more handlers are at work than allowed', async () => {
      await withBackend(harness, queueTopology({ maxConcurrentDispatches: 2 }), async (backend, { queue }) => {
        let atWork = 0;
        let peak = 0;
        let finished = 0;
        const handle: TaskHandler = async () => {
          atWork += 1;
          peak = Math.max(peak, atWork);
          await staysTrue(() => true, 100);
          atWork -= 1;
          finished += 1;
        };
        backend.deliverTo({ subscriptions: [], tasks: [{ queue, handle }] });
        for (let n = 0; n < 8; n += 1) await backend.taskQueue.enqueue(queue, { name: `task-${n}`, payload: '' });
        await eventually(() => finished >= 8);
        expect(peak).toBe(2);
      });
    });

    test('a failing task is dispatched again after the backoff, and keeps its name meanwhile', async () => {
      await withBackend(harness, queueTopology(), async (backend, { queue }) => {
        const attempts: { readonly atMs: number; readonly attemptNumber: number }[] = [];
        const handle: TaskHandler = (task) => {
          attempts.push({ atMs: performance.now(), attemptNumber: task.attemptNumber });
          return attempts.length < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve();
        };
        backend.deliverTo({ subscriptions: [], tasks: [{ queue, handle }] });
        await backend.taskQueue.enqueue(queue, { name: 'stubborn', payload: '' });
        await eventually(() => attempts.length === 1);
        expect(await backend.taskQueue.enqueue(queue, { name: 'stubborn', payload: '' })).toBe('exists');
        await eventually(() => attempts.length === 3);
        expect(await staysTrue(() => attempts.length === 3, WATCH_MS)).toBe(true);
        expect(attempts.map(({ attemptNumber }) => attemptNumber)).toEqual([1, 2, 3]);
        for (const [index, { atMs }] of attempts.slice(1).entries()) {
          expect(atMs - (attempts[index]?.atMs ?? 0)).toBeGreaterThan(BACKOFF_SECONDS * 500);
        }
      });
    });

    test(
      'slow: a handler that outlasts the dispatch deadline counts as failed',
      async () => {
        await withBackend(harness, queueTopology(), async (backend, { queue }) => {
          const secondCall = gate();
          const calls: number[] = [];
          const handle: TaskHandler = async () => {
            calls.push(performance.now());
            if (calls.length === 1) await secondCall.opened;
          };
          backend.deliverTo({ subscriptions: [], tasks: [{ queue, handle }] });
          await backend.taskQueue.enqueue(queue, { name: 'slow', payload: '' });
          await eventually(() => calls.length >= 2);
          expect((calls[1] ?? 0) - (calls[0] ?? 0)).toBeGreaterThan(DISPATCH_DEADLINE_SECONDS * 900);
          secondCall.open();
        });
      },
      SLOW_TEST_MS,
    );

    test.each([
      ['an empty name', { name: '', payload: '' }],
      ['a name with a slash', { name: 'a/b', payload: '' }],
      ['a name of 401 characters', { name: 'n'.repeat(401), payload: '' }],
      ['a payload of 110 KB', { name: 'big', payload: 'x'.repeat(110 * 1024) }],
      ['a payload of 110 KB in fewer characters', { name: 'big', payload: 'ü'.repeat(55 * 1024) }],
      ['a time 31 days ahead', { name: 'far', payload: '', notBefore: new Date(Date.now() + 31 * 24 * 3_600_000) }],
    ])('refuses %s, for good', async (_what, task) => {
      await withBackend(harness, queueTopology(), async (backend, { queue }) => {
        await expect(backend.taskQueue.enqueue(queue, task)).rejects.toBeInstanceOf(PermanentError);
      });
    });

    crashTest('what was enqueued or in flight when the process crashed is dispatched afterwards', async () => {
      await withBackend(harness, queueTopology(), async (backend, { queue }, opened) => {
        const never = gate();
        const before: string[] = [];
        const handleBefore: TaskHandler = async ({ name }) => {
          before.push(name);
          if (name !== 'finished') await never.opened;
        };
        backend.deliverTo({ subscriptions: [], tasks: [{ queue, handle: handleBefore }] });
        await backend.taskQueue.enqueue(queue, { name: 'finished', payload: '' });
        await backend.taskQueue.enqueue(queue, { name: 'in-flight', payload: 'p' });
        await backend.taskQueue.enqueue(queue, {
          name: 'scheduled',
          payload: 'p',
          notBefore: new Date(Date.now() + 1_500),
        });
        await eventually(() => before.length === 2);
        await staysTrue(() => true, 300);

        const reopened = await crash(opened);
        const { received, handle } = recorder();
        reopened.deliverTo({ subscriptions: [], tasks: [{ queue, handle }] });
        await eventually(() => expect(namesOf(received)).toEqual(['in-flight', 'scheduled']));
        expect(await reopened.taskQueue.enqueue(queue, { name: 'finished', payload: '' })).toBe('exists');
        never.open();
      });
    });
  });
}
