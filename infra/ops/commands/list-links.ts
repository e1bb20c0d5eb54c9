import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import type { Link } from './link-answer.ts';
import { linesOfNextPage, pageOf, pageOptions } from './page-options.ts';

interface Answer {
  readonly links: readonly Link[];
  /** Of purchases. */
  readonly linksToday: number;
  readonly nextCursor?: string;
}

export const listLinks = defineCommand({
  name: 'communities links list',
  summary: 'The links of a community that were made by hand, newest first.',
  parameters: [{ name: 'communityId', description: 'as communities list shows it' }],
  options: pageOptions,
  run: async ({ values, parameters: [communityId = ''] }, { api, output }) => {
    const { links, linksToday, nextCursor } = await api.get<Answer>(
      `/communities/${encodeURIComponent(communityId)}/links`,
      pageOf(values),
    );
    output.result({ links, linksToday, nextCursor }, () =>
      [describe(links, nextCursor), `Purchases got ${linksToday} links today.`].join('\n'),
    );
    return exitCodes.done;
  },
});

function describe(links: Answer['links'], nextCursor: string | undefined): string {
  if (links.length === 0) return 'No links of this community were made by hand.';
  const rows = links.map(({ name, state, inviteLink, memberLimit, expiresAt, botId, madeBy, askedAt }) => [
    name,
    state,
    inviteLink,
    memberLimit ?? 'no limit',
    expiresAt ?? 'never',
    botId,
    madeBy,
    askedAt,
  ]);
  return [
    formatTable(['name', 'state', 'link', 'people', 'ends', 'bot', 'made by', 'at'], rows),
    ...linesOfNextPage(nextCursor),
  ].join('\n');
}
