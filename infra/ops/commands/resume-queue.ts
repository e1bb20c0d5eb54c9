import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { describeQueues, type QueueState } from './queue-answer.ts';

export const resumeQueue = defineCommand({
  name: 'queue resume',
  summary: 'Goes on with a paused queue.',
  parameters: [{ name: 'queue', description: 'its name, tg-invite-queue by default', optional: true }],
  options: {},
  run: async ({ parameters: [name = 'tg-invite-queue'] }, { api, output }) => {
    const { queue } = await api.post<{ readonly queue: QueueState }>(`/queues/${encodeURIComponent(name)}/resume`);
    output.result({ queue }, () => describeQueues([queue]));
    return exitCodes.done;
  },
});
