import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatFields } from '../table.ts';
import { describeCommunity, describeWork, type Community, type Work } from './community-answer.ts';

export const disconnectCommunity = defineCommand({
  name: 'communities disconnect',
  summary: 'Ends a community: it takes no purchases any more. Members and links that buyers have stay as they are.',
  parameters: [{ name: 'communityId', description: 'as communities list shows it' }],
  options: {},
  run: async ({ parameters: [communityId = ''] }, { api, output, confirm }) => {
    await confirm(`Purchases of ${communityId} will be refused, and the links of its pool revoked.`);
    const { community, work } = await api.post<{ readonly community: Community; readonly work: Work }>(
      `/communities/${encodeURIComponent(communityId)}/disconnect`,
    );
    output.result({ community, work }, () =>
      [describeCommunity(community), formatFields(describeWork(work))].join('\n\n'),
    );
    return exitCodes.done;
  },
});
