import { futureTimeArgument, timeRange } from '../arguments.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { tableOfMemberships, type MembershipSummary } from './membership-answer.ts';
import { linesOfNextPage, pageOf, pageOptions } from './page-options.ts';

interface Answer {
  readonly memberships: readonly MembershipSummary[];
  readonly nextCursor?: string;
}

export const listMemberships = defineCommand({
  name: 'memberships list',
  summary: 'The memberships of a community: all, those of one state, or who ends when, soonest first.',
  parameters: [],
  options: {
    community: { type: 'string', value: 'C', description: 'of this community' },
    state: {
      type: 'string',
      value: 'S',
      description: 'only pending, active, grace, expired or revoked ones (with times: active)',
    },
    'ends-within': { type: 'string', value: 'D', description: 'those that end within a duration from now, such as 7d' },
    since: { type: 'string', value: 'T', description: 'those that end at this time or later, soonest first' },
    until: { type: 'string', value: 'T', description: 'those that end before this time, soonest first' },
    ...pageOptions,
  },
  run: async ({ values }, { api, output, now }) => {
    if (values.community === undefined) throw new UsageError('Of which community: --community?');
    const within = values['ends-within'];
    if (within !== undefined && (values.since ?? values.until) !== undefined)
      throw new UsageError('Either --ends-within, or --since and --until');
    const range =
      within === undefined
        ? timeRange(values, now())
        : { since: undefined, until: futureTimeArgument('ends-within', within, now()) };
    const { memberships, nextCursor } = await api.get<Answer>('/memberships', {
      communityId: values.community,
      state: values.state,
      ...range,
      ...pageOf(values),
    });
    output.result({ memberships, nextCursor }, () =>
      memberships.length === 0
        ? 'No memberships match.'
        : [tableOfMemberships(memberships, true), ...linesOfNextPage(nextCursor)].join('\n'),
    );
    return exitCodes.done;
  },
});
