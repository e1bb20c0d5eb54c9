import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import { membershipParameter } from './change-membership.ts';
import { describeMembership, minuteOf, type Membership } from './membership-answer.ts';

interface Answer {
  readonly membership: Membership;
  readonly grants: readonly {
    readonly grantId: string;
    readonly kind: string;
    readonly planId?: string;
    readonly from: string;
    readonly period?: string;
    readonly endsAt?: string;
    readonly refunds?: readonly { readonly at: string; readonly amount?: string }[];
    readonly dispute?: { readonly state: string };
  }[];
  readonly history: readonly { readonly at: string; readonly what: string; readonly detail?: string }[];
}

export const showMembership = defineCommand({
  name: 'memberships show',
  summary: 'A membership: how it stands, what comes next, what was bought and given, and what happened to it.',
  parameters: [membershipParameter],
  options: {},
  run: async ({ parameters: [membershipId = ''] }, { api, output }) => {
    const shown = await api.get<Answer>(`/memberships/${encodeURIComponent(membershipId)}`);
    const { membership, grants, history } = shown;
    output.result({ membership, grants, history }, () => describe(shown));
    return exitCodes.done;
  },
});

function describe({ membership, grants, history }: Answer): string {
  const given = grants.map((grant) => [
    grant.kind,
    minuteOf(grant.from),
    minuteOf(grant.endsAt) ?? grant.period ?? 'no end',
    grant.planId,
    takenBack(grant),
  ]);
  return [
    describeMembership(membership),
    '',
    formatTable(['given', 'from', 'until or for', 'plan', ''], given),
    '',
    formatTable(
      ['at', 'what', ''],
      history.map(({ at, what, detail }) => [minuteOf(at), what, detail]),
    ),
  ].join('\n');
}

function takenBack({ refunds = [], dispute }: Answer['grants'][number]): string {
  return [
    ...refunds.map(({ amount }) => (amount === undefined ? 'refunded' : `${amount} refunded`)),
    ...(dispute === undefined ? [] : [`dispute ${dispute.state}`]),
  ].join(', ');
}
