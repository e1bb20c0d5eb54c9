import { UsageError } from '../command-line/usage-error.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { tableOfMemberships, type MembershipSummary } from './membership-answer.ts';
import { linesOfNextPage, pageOf, pageOptions } from './page-options.ts';

interface Answer {
  readonly memberships: readonly MembershipSummary[];
  readonly nextCursor?: string;
}

export const findMemberships = defineCommand({
  name: 'memberships find',
  summary: 'Memberships of a person, in all communities or in one. Code 1 when there are none.',
  parameters: [],
  options: {
    user: { type: 'string', value: 'U', description: 'the buyer as WebEngage knows him' },
    'telegram-user': { type: 'string', value: 'N', description: 'the number by which Telegram knows the account' },
    community: { type: 'string', value: 'C', description: 'of this community' },
    ...pageOptions,
  },
  run: async ({ values }, { api, output }) => {
    if ((values.user === undefined) === (values['telegram-user'] === undefined))
      throw new UsageError(
        'Find by what: --user or --telegram-user? memberships list --community shows all of a community',
      );
    const { memberships, nextCursor } = await api.post<Answer>('/memberships/find', {
      userId: values.user,
      telegramUserId: values['telegram-user'],
      communityId: values.community,
      ...pageOf(values),
    });
    output.result({ memberships, nextCursor }, () => describe(memberships, nextCursor));
    return memberships.length === 0 ? exitCodes.failures : exitCodes.done;
  },
});

function describe(memberships: Answer['memberships'], nextCursor: string | undefined): string {
  const [first] = memberships;
  if (first === undefined)
    return 'No memberships match. npm run ops -- find knows purchases; one without a plan makes no membership.';
  return [
    tableOfMemberships(memberships, false),
    ...linesOfNextPage(nextCursor),
    '',
    `npm run ops -- memberships show ${first.membershipId} tells the whole story.`,
  ].join('\n');
}
