import { UsageError } from '../command-line/usage-error.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { describeCommunity, type Community } from './community-answer.ts';
import { settingOptions, settingsFrom } from './community-options.ts';

export const changeCommunity = defineCommand({
  name: 'communities change',
  summary:
    'Changes the named settings of a community; in force within 10 seconds, without a restart. A pool of another size begins to fill within a minute.',
  parameters: [{ name: 'communityId', description: 'as communities list shows it' }],
  options: settingOptions,
  run: async ({ values, parameters: [communityId = ''] }, { api, output }) => {
    const settings = settingsFrom(values);
    if (Object.values(settings).every((value) => value === undefined))
      throw new UsageError('There is nothing to change: name at least one setting, such as --link-ttl PT12H');
    const { community } = await api.post<{ readonly community: Community }>(
      `/communities/${encodeURIComponent(communityId)}`,
      settings,
    );
    output.result({ community }, () => describeCommunity(community));
    return exitCodes.done;
  },
});
