import type { CommandContext, Parameter } from '../command.ts';
import { exitCodes, type CommandExit } from '../exit-codes.ts';
import { describeMembership, type Membership } from './membership-answer.ts';

export const membershipParameter: Parameter = {
  name: 'membershipId',
  description: 'as memberships find shows it',
};

/** Makes one change of a membership, and shows how it stands then. */
export async function changeMembership(
  membershipId: string,
  change: string,
  body: object,
  { api, output }: Pick<CommandContext, 'api' | 'output'>,
): Promise<CommandExit> {
  const { membership } = await api.post<{ readonly membership: Membership }>(
    `/memberships/${encodeURIComponent(membershipId)}/${change}`,
    body,
  );
  output.result({ membership }, () => describeMembership(membership));
  return exitCodes.done;
}
