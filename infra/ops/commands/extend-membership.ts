import { UsageError } from '../command-line/usage-error.ts';
import { defineCommand, type CommandContext } from '../command.ts';
import { endOf } from '../time-of-community.ts';
import { changeMembership, membershipParameter } from './change-membership.ts';
import type { Community } from './community-answer.ts';
import type { Membership } from './membership-answer.ts';

export const extendMembership = defineCommand({
  name: 'memberships extend',
  summary: 'Gives more time: --period from the end on, or until --ends. What had ended begins anew.',
  parameters: [membershipParameter],
  options: {
    period: { type: 'string', value: 'P', description: 'an ISO 8601 duration such as P1M or P30D, or lifetime' },
    ends: {
      type: 'string',
      value: 'T',
      description: 'a day, to whose end it lasts, or a time; in the time zone of the community',
    },
  },
  ifUnfinished:
    'Perhaps it was done: memberships show tells. If it was, running it again with --period extends once more',
  run: async ({ values: { period, ends }, parameters: [membershipId = ''] }, context) => {
    if ((period === undefined) === (ends === undefined))
      throw new UsageError('Until when: --period P1M, or --ends 2026-12-31?');
    const endsAt = ends === undefined ? undefined : endOf('--ends', ends, await timeZoneOf(membershipId, context.api));
    return changeMembership(membershipId, 'extend', { period, endsAt }, context);
  },
});

async function timeZoneOf(membershipId: string, api: CommandContext['api']): Promise<string> {
  const { membership } = await api.get<{ readonly membership: Membership }>(
    `/memberships/${encodeURIComponent(membershipId)}`,
  );
  const { community } = await api.get<{ readonly community: Community }>(`/communities/${membership.communityId}`);
  return community.timeZone;
}
