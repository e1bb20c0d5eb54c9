import { Type } from 'typebox';
import { queueNamed } from '../find-in-topology.ts';
import { defineOperation } from '../http/operation.ts';
import { describeQueue, QueueAnswer } from './queue-answers.ts';

export const resumeQueue = defineOperation({
  action: 'queue.resume',
  method: 'POST',
  path: '/queues/:name/resume',
  refusals: ['not_found'],
  summary: 'Dispatches the tasks of a paused queue again.',
  input: Type.Object(
    { name: Type.String({ minLength: 1, description: 'name of the queue' }) },
    { additionalProperties: false },
  ),
  answer: Type.Object({ queue: QueueAnswer }),
  logged: ({ name }) => ({ name }),
  run: async ({ name }, { administration }) => {
    const queue = queueNamed(name);
    await administration.queue.resume(queue);
    return { queue: await describeQueue(queue, administration.queue) };
  },
});
