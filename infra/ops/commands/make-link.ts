import { futureTimeArgument, wholeNumberArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatFields } from '../table.ts';
import type { Link } from './link-answer.ts';

export const makeLink = defineCommand({
  name: 'communities links make',
  summary: 'Makes a link by hand: for one person, or with --members or --unlimited for more.',
  parameters: [{ name: 'communityId', description: 'as communities list shows it' }],
  options: {
    members: { type: 'string', value: 'N', description: 'so many people at the same time (default: 1)' },
    unlimited: { type: 'boolean', description: 'anybody who has it gets in' },
    expires: {
      type: 'string',
      value: 'T',
      description: 'its end, a time or a duration from now; without it, it has none',
    },
    name: { type: 'string', value: 'S', description: 'up to 32 characters, which the administrators of the chat see' },
  },
  ifUnfinished: 'Perhaps it was made: communities links list tells. If it was, running it again makes another one',
  run: async ({ values, parameters: [communityId = ''] }, { api, output, now }) => {
    const { link } = await api.post<{ readonly link: Link }>(`/communities/${encodeURIComponent(communityId)}/links`, {
      name: values.name,
      memberLimit: wholeNumberArgument('members', values.members, 99_999),
      unlimited: values.unlimited,
      expiresAt: futureTimeArgument('expires', values.expires, now()),
    });
    output.result({ link }, () =>
      formatFields({
        link: link.inviteLink,
        name: link.name,
        people: link.memberLimit ?? 'without a limit',
        ends: link.expiresAt ?? 'never',
        bot: link.botId,
      }),
    );
    return exitCodes.done;
  },
});
