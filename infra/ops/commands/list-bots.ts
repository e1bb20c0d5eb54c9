import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';

interface Bot {
  readonly botId: string;
  readonly isDefault: boolean;
  readonly username?: string;
  readonly fault?: string;
  readonly communityIds: readonly string[];
}

export const listBots = defineCommand({
  name: 'bots list',
  summary: 'The bots whose tokens the system has or lacks, and the communities that name each.',
  parameters: [],
  options: {},
  run: async (_, { api, output }) => {
    const { bots } = await api.get<{ readonly bots: readonly Bot[] }>('/bots');
    output.result({ bots }, () => describe(bots));
    return exitCodes.done;
  },
});

function describe(bots: readonly Bot[]): string {
  const rows = bots.map(({ botId, isDefault, username, fault, communityIds }) => [
    botId,
    username,
    isDefault ? 'default' : '',
    communityIds.join(', '),
    fault,
  ]);
  return formatTable(['bot', 'name', '', 'communities', 'fault'], rows);
}
