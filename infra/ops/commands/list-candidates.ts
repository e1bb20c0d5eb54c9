import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import { linesOfNextPage, pageOf, pageOptions } from './page-options.ts';

interface Candidate {
  readonly chatId: string;
  readonly title: string;
  readonly kind: string;
  readonly botId: string;
  readonly seenAt: string;
}

interface Answer {
  readonly candidates: readonly Candidate[];
  readonly nextCursor?: string;
}

export const listCandidates = defineCommand({
  name: 'communities candidates',
  summary: 'The chats of no community that made a bot an administrator within the last day: connect one by its id.',
  parameters: [],
  options: pageOptions,
  run: async ({ values }, { api, output }) => {
    const { candidates, nextCursor } = await api.get<Answer>('/chat-candidates', pageOf(values));
    output.result({ candidates, nextCursor }, () => describe(candidates, nextCursor));
    return exitCodes.done;
  },
});

function describe(candidates: readonly Candidate[], nextCursor: string | undefined): string {
  if (candidates.length === 0)
    return 'No chat of no community has made a bot its administrator within the last day. In the channel, add the bot as an administrator.';
  const heads = ['chat', 'title', 'kind', 'bot', 'seen'];
  const rows = candidates.map(({ chatId, title, kind, botId, seenAt }) => [chatId, title, kind, botId, seenAt]);
  return [
    formatTable(heads, rows),
    '',
    'Anybody can make a bot an administrator of a chat of any title. Connect yours: communities connect ID --chat CHAT',
    ...linesOfNextPage(nextCursor),
  ].join('\n');
}
