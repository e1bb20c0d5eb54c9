import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { describeCommunity, type Community } from './community-answer.ts';

export const disconnectCommunity = defineCommand({
  name: 'communities disconnect',
  summary: 'Ends a community: it takes no purchases any more. Members and links that buyers have stay as they are.',
  parameters: [{ name: 'communityId', description: 'as communities list shows it' }],
  options: {},
  run: async ({ parameters: [communityId = ''] }, { api, output, confirm }) => {
    await confirm(`Purchases of ${communityId} will be refused, and the links of its pool revoked.`);
    const { community } = await api.post<{ readonly community: Community }>(
      `/communities/${encodeURIComponent(communityId)}/disconnect`,
    );
    output.result({ community }, () => describeCommunity(community));
    return exitCodes.done;
  },
});
