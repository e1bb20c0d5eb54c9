import { wholeNumberArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';

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
  options: {
    limit: { type: 'string', value: 'N', description: 'so many, up to 200 (default: 50)' },
    cursor: { type: 'string', value: 'C', description: 'go on where a page ended' },
  },
  run: async ({ values }, { api, output }) => {
    const limit = wholeNumberArgument('limit', values.limit, 200);
    const { candidates, nextCursor } = await api.get<Answer>('/chat-candidates', { limit, cursor: values.cursor });
    output.result({ candidates, nextCursor }, () => describe(candidates, nextCursor));
    return exitCodes.done;
  },
});

function describe(candidates: readonly Candidate[], nextCursor: string | undefined): string {
  if (candidates.length === 0)
    return 'No chat of no community has made a bot its administrator within the last day. In the channel, add the bot as an administrator.';
  const heads = ['chat', 'title', 'kind', 'bot', 'seen'];
  const rows = candidates.map(({ chatId, title, kind, botId, seenAt }) => [chatId, title, kind, botId, seenAt]);
  const more = nextCursor === undefined ? [] : ['', `The next ones: --cursor ${nextCursor}`];
  return [
    formatTable(heads, rows),
    '',
    'Anybody can make a bot an administrator of a chat of any title. Connect yours: communities connect ID --chat CHAT',
    ...more,
  ].join('\n');
}
