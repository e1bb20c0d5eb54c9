import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { describeQueues, type QueueState } from './queue-answer.ts';

export const pauseQueue = defineCommand({
  name: 'queue pause',
  summary: 'Stops the calls to Telegram that a queue paces, across restarts; purchases are still taken.',
  parameters: [{ name: 'queue', description: 'its name, tg-invite-queue by default', optional: true }],
  options: {},
  run: async ({ parameters: [name = 'tg-invite-queue'] }, { api, output }) => {
    const { queue } = await api.post<{ readonly queue: QueueState }>(`/queues/${encodeURIComponent(name)}/pause`);
    output.result({ queue }, () => describeQueues([queue]));
    return exitCodes.done;
  },
});
