import { defineCommand } from '../command.ts';
import { changeMembership, membershipParameter } from './change-membership.ts';

export const revokeMembership = defineCommand({
  name: 'memberships revoke',
  summary:
    'Ends it at once: all that was bought and given until now counts no more. Where removal is on, the person is removed.',
  parameters: [membershipParameter],
  options: {
    reason: { type: 'string', value: 'R', description: 'why, in up to 200 characters; it is told with the event' },
  },
  run: async ({ values: { reason }, parameters: [membershipId = ''] }, context) => {
    await context.confirm(`All that was bought and given of ${membershipId} will count no more.`);
    return changeMembership(membershipId, 'revoke', { reason }, context);
  },
});
