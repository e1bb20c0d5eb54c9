import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatFields, formatTable } from '../table.ts';
import { describeCommunity, describeWork, type Chat, type Community, type Work } from './community-answer.ts';

interface Answer {
  readonly community: Community;
  readonly chat?: Chat;
  readonly work: Work;
  readonly pace: readonly { readonly botId: string; readonly linksPerSecond?: number; readonly pausedUntil?: string }[];
  readonly lastUpdateAt?: string;
  readonly steps?: readonly string[];
}

export const showCommunity = defineCommand({
  name: 'communities show',
  summary: 'A community: its chat, the rights of its bots, and their pace; of a waiting one, what a person has to do.',
  parameters: [{ name: 'communityId', description: 'as communities list shows it' }],
  options: {},
  run: async ({ parameters: [communityId = ''] }, { api, output }) => {
    const shown = await api.get<Answer>(`/communities/${encodeURIComponent(communityId)}`);
    const { community, chat, work, pace, lastUpdateAt, steps } = shown;
    output.result({ community, chat, work, pace, lastUpdateAt, steps }, () => describe(shown));
    return exitCodes.done;
  },
});

function describe({ community, chat, work, pace, lastUpdateAt, steps = [] }: Answer): string {
  const parts = [
    describeCommunity(community),
    describeChat(chat),
    formatFields({ ...describeWork(work), 'last update': lastUpdateAt ?? 'none yet' }),
    describeBots(community, chat, pace),
    steps.map((step, index) => `${index + 1}. ${step}.`).join('\n'),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function describeChat(chat: Chat | undefined): string {
  if (chat === undefined) return 'Telegram has not described its chat yet.';
  const { title, kind, memberCount, checkedAt, faults } = chat;
  const fields = formatFields({ title, kind, members: memberCount, 'looked at': checkedAt });
  return [fields, ...faults.map((fault) => `FAULT: ${fault}.`)].join('\n');
}

function describeBots({ botIds }: Community, chat: Chat | undefined, pace: Answer['pace']): string {
  const rows = botIds.map((botId) => {
    const standing = chat?.bots.find((each) => each.botId === botId);
    const { linksPerSecond, pausedUntil } = pace.find((each) => each.botId === botId) ?? {};
    const may = (right: boolean | undefined): string => (right === true ? 'yes' : 'no');
    return [
      botId,
      standing?.username,
      standing?.status ?? 'unknown',
      standing === undefined ? undefined : may(standing.mayInvite),
      standing === undefined ? undefined : may(standing.mayRestrict),
      linksPerSecond?.toFixed(2),
      pausedUntil,
    ];
  });
  return formatTable(['bot', 'name', 'status', 'may invite', 'may remove', 'links/s', 'paused until'], rows);
}
