import { belongsInside, isEnded, type Membership } from './membership.ts';

/** Why an account is not let in for a membership; undefined: it is. */
export function entryRefusal(membership: Membership, telegramUserId: string): string | undefined {
  const { telegramUserId: bound, departure } = membership;
  if (bound !== undefined && bound !== telegramUserId) return 'another_account';
  if (isEnded(membership) && !belongsInside(membership)) return membership.endReason;
  // What an administrator did is not undone.
  return departure === 'kicked' ? 'kicked_by_administrator' : undefined;
}
