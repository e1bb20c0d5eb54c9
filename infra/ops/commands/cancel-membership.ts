import { defineCommand } from '../command.ts';
import { changeMembership, membershipParameter } from './change-membership.ts';

export const cancelMembership = defineCommand({
  name: 'memberships cancel',
  summary: 'The person wants no renewal: the time goes on to its end, without grace. Another purchase takes it back.',
  parameters: [membershipParameter],
  options: {},
  run: ({ parameters: [membershipId = ''] }, context) => changeMembership(membershipId, 'cancel', {}, context),
});
