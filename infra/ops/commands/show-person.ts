import { UsageError } from '../command-line/usage-error.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import { tableOfMemberships, type MembershipSummary } from './membership-answer.ts';

interface Answer {
  readonly memberships: readonly MembershipSummary[];
  readonly requestIds: readonly string[];
  readonly timeline: readonly {
    readonly at: string;
    readonly what: string;
    readonly detail?: string;
    readonly requestId?: string;
    readonly membershipId?: string;
  }[];
}

export const showPerson = defineCommand({
  name: 'person',
  summary:
    'The whole story of a person: purchases, links, joins, memberships, removals, in order of time. Code 1 when nothing is known.',
  parameters: [],
  options: {
    user: { type: 'string', value: 'U', description: 'the buyer as WebEngage knows him' },
    'telegram-user': { type: 'string', value: 'N', description: 'the number by which Telegram knows the account' },
  },
  run: async ({ values }, { api, output }) => {
    const telegramUserId = values['telegram-user'];
    if ((values.user === undefined) === (telegramUserId === undefined))
      throw new UsageError('Which person: --user or --telegram-user?');
    const { memberships, requestIds, timeline } = await api.post<Answer>('/people/show', {
      userId: values.user,
      telegramUserId,
    });
    output.result({ memberships, requestIds, timeline }, () => describe({ memberships, requestIds, timeline }));
    return timeline.length === 0 ? exitCodes.failures : exitCodes.done;
  },
});

function describe({ memberships, requestIds, timeline }: Answer): string {
  if (timeline.length === 0)
    return 'Nothing is known of this person. npm run ops -- find looks by transaction or link as well.';
  return [
    ...(memberships.length === 0 ? [] : [tableOfMemberships(memberships, false), '']),
    formatTable(
      ['at', 'what', ''],
      timeline.map(({ at, what, detail }) => [at, what, detail]),
    ),
    '',
    ...requestIds.map((requestId) => `npm run ops -- show ${requestId}`),
    ...memberships.map(({ membershipId }) => `npm run ops -- memberships show ${membershipId}`),
  ].join('\n');
}
