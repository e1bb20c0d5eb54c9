import { Type } from 'typebox';
import { queueNamed } from '../find-in-topology.ts';
import { defineOperation } from '../http/operation.ts';
import { describeQueue, QueueAnswer } from './queue-answers.ts';

export const pauseQueue = defineOperation({
  action: 'queue.pause',
  method: 'POST',
  path: '/queues/:name/pause',
  refusals: ['not_found'],
  summary: 'Stops dispatching the tasks of a queue, across restarts; new ones are still taken.',
  input: Type.Object(
    { name: Type.String({ minLength: 1, description: 'name of the queue' }) },
    { additionalProperties: false },
  ),
  answer: Type.Object({ queue: QueueAnswer }),
  logged: ({ name }) => ({ name }),
  run: async ({ name }, { administration }) => {
    const queue = queueNamed(name);
    await administration.queue.pause(queue);
    return { queue: await describeQueue(queue, administration.queue) };
  },
});
