import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { describeQueues, type QueueState } from './queue-answer.ts';

export const listQueues = defineCommand({
  name: 'queue list',
  summary: 'The queues: running or paused, what waits, and their rates.',
  parameters: [],
  options: {},
  run: async (_, { api, output }) => {
    const { queues } = await api.get<{ readonly queues: readonly QueueState[] }>('/queues');
    output.result({ queues }, () => describeQueues(queues));
    return exitCodes.done;
  },
});
