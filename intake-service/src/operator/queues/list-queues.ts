import { topology } from '@paid-community/shared/topology.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { describeQueue, QueueAnswer } from './queue-answers.ts';

export const listQueues = defineOperation({
  action: 'queue.list',
  method: 'GET',
  path: '/queues',
  summary: 'The queues: running or paused, what waits, and their rates.',
  input: Type.Object({}, { additionalProperties: false }),
  answer: Type.Object({ queues: Type.Array(QueueAnswer) }),
  logged: () => ({}),
  run: async (_, { administration }) => ({
    queues: await Promise.all(topology.queues.map((queue) => describeQueue(queue, administration.queue))),
  }),
});
