import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Link } from './link-answer.ts';

export const revokeLink = defineCommand({
  name: 'communities links revoke',
  summary: 'Revokes a link that was made by hand. Nobody joins through it any more; the people inside stay.',
  parameters: [
    { name: 'communityId', description: 'as communities list shows it' },
    { name: 'link', description: 'as communities links list shows it' },
  ],
  options: {},
  run: async ({ parameters: [communityId = '', inviteLink = ''] }, { api, output, confirm }) => {
    await confirm(`Nobody will join ${communityId} through ${inviteLink} any more.`);
    const { link } = await api.post<{ readonly link: Link }>(
      `/communities/${encodeURIComponent(communityId)}/links/revoke`,
      { inviteLink },
    );
    output.result({ link }, () => `The link "${link.name}" is revoked since ${link.revokedAt ?? 'now'}.`);
    return exitCodes.done;
  },
});
