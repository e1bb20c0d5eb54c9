import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { describeQueues, type QueueState } from './queue-answer.ts';

export const resumeQueue = defineCommand({
  name: 'queue resume',
  summary: 'Goes on with a paused queue, or with all of them.',
  parameters: [{ name: 'queue', description: 'its name; every queue that is paused by default', optional: true }],
  options: {},
  run: async ({ parameters: [name] }, { api, output }) => {
    const { queues } = await api.get<{ readonly queues: readonly QueueState[] }>('/queues');
    const paused = queues.filter(({ state }) => state === 'paused').map((queue) => queue.name);
    const resumed: QueueState[] = [];
    for (const each of name === undefined ? paused : [name]) {
      const { queue } = await api.post<{ readonly queue: QueueState }>(`/queues/${encodeURIComponent(each)}/resume`);
      resumed.push(queue);
    }
    output.result({ queues: resumed }, () => (resumed.length === 0 ? 'No queue is paused.' : describeQueues(resumed)));
    return exitCodes.done;
  },
});
