import { describe, expect, test } from '@jest/globals';
import type { Queue, Topology } from '../../ports/topology-types.ts';
import { eventually } from '../eventually.ts';
import { crash, freshSuffix, staysTrue, withBackend, type ContractHarness } from './harness.ts';

// What every QueueAdministration must do (ports/queue-administration.ts). It cannot prove the figures of Cloud
// Monitoring.

const WATCH_MS = 1_000;

function queueTopology(): Topology & { readonly queue: Queue } {
  const queue: Queue = {
    name: `queue-${freshSuffix()}`,
    service: 'link-worker',
    maxDispatchesPerSecond: 50,
    maxConcurrentDispatches: 7,
    dispatchDeadlineSeconds: 15,
    minBackoffSeconds: 1,
    maxBackoffSeconds: 1,
  };
  return { topics: [], subscriptions: [], queues: [queue], collections: [], queue };
}

export function queueAdministrationContract(harness: ContractHarness): void {
  const crashTest = harness.canCrash ? test : test.skip;

  describe(`queue administration on ${harness.name}`, () => {
    test('a queue says its state and its rates', async () => {
      await withBackend(harness, queueTopology(), async ({ administration, taskQueue }, { queue }) => {
        const running = { state: 'running', maxDispatchesPerSecond: 50, maxConcurrentDispatches: 7 };
        expect(await administration.queue.describe(queue)).toMatchObject(running);
        await taskQueue.enqueue(queue, { name: 'a', payload: '' });
        expect([1, undefined]).toContain((await administration.queue.describe(queue)).waiting);
        for (let twice = 0; twice < 2; twice += 1) await administration.queue.pause(queue);
        expect(await administration.queue.describe(queue)).toMatchObject({ ...running, state: 'paused' });
        for (let twice = 0; twice < 2; twice += 1) await administration.queue.resume(queue);
        expect(await administration.queue.describe(queue)).toMatchObject(running);
      });
    });

    test('a paused queue takes tasks and dispatches none, until it is resumed', async () => {
      await withBackend(harness, queueTopology(), async (backend, { queue }) => {
        const seen: string[] = [];
        const handle = ({ name }: { readonly name: string }): Promise<void> => {
          seen.push(name);
          return Promise.resolve();
        };
        backend.deliverTo({ subscriptions: [], tasks: [{ queue, handle }] });
        await backend.taskQueue.enqueue(queue, { name: 'before', payload: '' });
        await eventually(() => seen.length === 1);
        await backend.administration.queue.pause(queue);
        for (const name of ['a', 'b', 'c'])
          expect(await backend.taskQueue.enqueue(queue, { name, payload: '' })).toBe('created');
        expect(await staysTrue(() => seen.length === 1, WATCH_MS)).toBe(true);
        await backend.administration.queue.resume(queue);
        await eventually(() => expect([...new Set(seen)].sort()).toEqual(['a', 'b', 'before', 'c']));
      });
    });

    test('a paused queue holds up no other', async () => {
      const paused = queueTopology().queue;
      const other = queueTopology().queue;
      await withBackend(harness, { ...queueTopology(), queues: [paused, other] }, async (backend) => {
        const seen: string[] = [];
        const handlerOf = (queue: Queue) => (): Promise<void> => Promise.resolve(void seen.push(queue.name));
        backend.deliverTo({
          subscriptions: [],
          tasks: [paused, other].map((queue) => ({ queue, handle: handlerOf(queue) })),
        });
        await backend.administration.queue.pause(paused);
        for (const queue of [paused, other]) await backend.taskQueue.enqueue(queue, { name: 'a', payload: '' });
        await eventually(() => expect(seen).toContain(other.name));
        expect(await backend.administration.queue.describe(other)).toMatchObject({ state: 'running' });
        expect(seen).not.toContain(paused.name);
        await backend.administration.queue.resume(paused);
        await eventually(() => expect(seen).toContain(paused.name));
      });
    });

    crashTest('a pause outlives a crash', async () => {
      await withBackend(harness, queueTopology(), async (backend, { queue }, opened) => {
        await backend.administration.queue.pause(queue);
        await backend.taskQueue.enqueue(queue, { name: 'a', payload: '' });
        const reopened = await crash(opened);
        const seen: string[] = [];
        reopened.deliverTo({
          subscriptions: [],
          tasks: [
            {
              queue,
              handle: ({ name }) => {
                seen.push(name);
                return Promise.resolve();
              },
            },
          ],
        });
        expect(await staysTrue(() => seen.length === 0, WATCH_MS)).toBe(true);
        expect(await reopened.administration.queue.describe(queue)).toMatchObject({ state: 'paused' });
        await reopened.administration.queue.resume(queue);
        await eventually(() => seen.length > 0);
      });
    });
  });
}
