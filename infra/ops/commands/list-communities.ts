import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import type { Chat, Community } from './community-answer.ts';
import { linesOfNextPage, pageOf, pageOptions } from './page-options.ts';

type Listed = Community & { readonly chat?: Chat };

interface Answer {
  readonly communities: readonly Listed[];
  readonly nextCursor?: string;
}

export const listCommunities = defineCommand({
  name: 'communities list',
  summary: 'The communities, with their chats as Telegram described them last.',
  parameters: [],
  options: pageOptions,
  run: async ({ values }, { api, output }) => {
    const { communities, nextCursor } = await api.get<Answer>('/communities', pageOf(values));
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
  return [formatTable(heads, rows), ...linesOfNextPage(nextCursor)].join('\n');
}
