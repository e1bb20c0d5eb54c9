import { UsageError } from '../command-line/usage-error.ts';
import { defineCommand } from '../command.ts';
import { changeMembership, membershipParameter } from './change-membership.ts';

export const moveMembership = defineCommand({
  name: 'memberships move',
  summary:
    'Binds it to another Telegram account of the same person, who gets another link; the old account is removed.',
  parameters: [membershipParameter],
  options: {
    'telegram-user': { type: 'string', value: 'N', description: 'the number by which Telegram knows the new account' },
  },
  run: async ({ values, parameters: [membershipId = ''] }, context) => {
    const telegramUserId = values['telegram-user'];
    if (telegramUserId === undefined) throw new UsageError('To which account: --telegram-user?');
    await context.confirm(`The account that came in by ${membershipId} will be removed.`);
    return changeMembership(membershipId, 'move', { telegramUserId }, context);
  },
});
