import { UsageError } from '../command-line/usage-error.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { describeCommunity, type Community } from './community-answer.ts';
import { settingOptions, settingsFrom } from './community-options.ts';

interface Answer {
  readonly community: Community;
  readonly links?: readonly {
    readonly botId: string;
    readonly group: string;
    readonly channel: string;
    readonly expiresAt: string;
  }[];
}

export const connectCommunity = defineCommand({
  name: 'communities connect',
  summary:
    'Connects a chat as a community, if its bots have the rights that it needs. Without --chat: prints links that an administrator of the chat taps.',
  parameters: [{ name: 'communityId', description: 'for the purchases to name it: 1 to 40 of a-z, 0-9 and -' }],
  options: {
    chat: { type: 'string', value: 'ID', description: 'id of the chat, such as -1001234567890, or its @name' },
    ...settingOptions,
  },
  run: async ({ values, parameters: [communityId = ''] }, { api, output }) => {
    if (values.removal === undefined)
      throw new UsageError('connect needs --removal, which has no default: off, dry_run or on');
    const { name = communityId, entry = 'link', ...settings } = settingsFrom(values);
    const body = { communityId, name, entry, ...settings, chatId: values.chat };
    const { community, links } = await api.post<Answer>('/communities', body);
    output.result({ community, links }, () =>
      [describeCommunity(community), ...(links ?? []).map(describeLink)].join('\n\n'),
    );
    return exitCodes.done;
  },
});

function describeLink({ botId, group, channel, expiresAt }: NonNullable<Answer['links']>[number]): string {
  return [
    `For the bot ${botId}, until ${expiresAt}:`,
    `  a group, which is connected by the tap: ${group}`,
    `  a channel, which you then connect with --chat: ${channel}`,
  ].join('\n');
}
