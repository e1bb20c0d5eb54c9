import { defineCommand } from '../command.ts';
import { changeMembership, membershipParameter } from './change-membership.ts';

export const exemptMembership = defineCommand({
  name: 'memberships exempt',
  summary: 'The person is never removed, as somebody of the staff; with --off, no longer.',
  parameters: [membershipParameter],
  options: { off: { type: 'boolean', description: 'not exempt any more' } },
  run: ({ values: { off = false }, parameters: [membershipId = ''] }, context) =>
    changeMembership(membershipId, 'exempt', { exempt: !off }, context),
});
