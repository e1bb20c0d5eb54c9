import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

export const reissueLink = defineCommand({
  name: 'requests reissue',
  summary:
    'Revokes the link of a request, then makes another one, which the buyer is told. Both go through the queue, at its pace.',
  parameters: [{ name: 'requestId', description: 'of a request that is DONE' }],
  options: {
    force: {
      type: 'boolean',
      description: 'also when somebody has joined through the link; one more person may come in then',
    },
  },
  ifUnfinished: 'Perhaps it was done: npm run ops -- show tells. If it was, running it again makes one more link',
  run: async ({ values, parameters: [requestId = ''] }, { api, output, confirm }) => {
    await confirm(`The link of ${requestId} will be revoked and another one made.`);
    const { generation } = await api.post<{ readonly generation: number }>(
      `/requests/${encodeURIComponent(requestId)}/reissue`,
      { force: values.force },
    );
    output.result(
      { requestId, generation },
      () => `Queued: link number ${generation} of ${requestId}. npm run ops -- show ${requestId} tells how far it is.`,
    );
    return exitCodes.done;
  },
});
