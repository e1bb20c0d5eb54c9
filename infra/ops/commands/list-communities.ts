import { wholeNumberArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import type { Chat, Community } from './community-answer.ts';

type Listed = Community & { readonly chat?: Chat };

interface Answer {
  readonly communities: readonly Listed[];
  readonly nextCursor?: string;
}

export const listCommunities = defineCommand({
  name: 'communities list',
  summary: 'The communities, with their chats as Telegram described them last.',
  parameters: [],
  options: {
    limit: { type: 'string', value: 'N', description: 'so many, up to 200 (default: 50)' },
    cursor: { type: 'string', value: 'C', description: 'go on where a page ended' },
  },
  run: async ({ values }, { api, output }) => {
    const limit = wholeNumberArgument('limit', values.limit, 200);
    const { communities, nextCursor } = await api.get<Answer>('/communities', { limit, cursor: values.cursor });
    output.result({ communities, nextCursor }, () => describe(communities, nextCursor));
    return exitCodes.done;
  },
});

function describe(communities: readonly Listed[], nextCursor: string | undefined): string {
  const heads = ['community', 'name', 'state', 'chat', 'title', 'kind', 'members', 'bots', 'pool', 'faults'];
  const rows = communities.map(({ communityId, name, state, chatId, chat, botIds, poolSize }) => [
    communityId,
    name,
    state,
    chatId,
    chat?.title,
    chat?.kind,
    chat?.memberCount,
    botIds.length,
    poolSize,
    chat?.faults.length,
  ]);
  const more = nextCursor === undefined ? [] : ['', `The next ones: --cursor ${nextCursor}`];
  return [formatTable(heads, rows), ...more].join('\n');
}
