import type { BotRight, BotStanding } from './telegram-options.ts';
import type { ChatMember, User } from './wire.ts';

/** The person behind every action of an administrator, and the owner of every chat. */
export const ADMIN: User = { id: 5_000_000_001, is_bot: false, first_name: 'Admin' };

export const BOT_RIGHTS: readonly BotRight[] = ['can_invite_users', 'can_restrict_members', 'can_post_messages'];

/** Undefined for a bot that is no administrator. */
export function rightsOf(standing: BotStanding | undefined): readonly BotRight[] | undefined {
  if (standing === 'inviting_administrator') return BOT_RIGHTS;
  if (standing === 'administrator') return [];
  return typeof standing === 'object' ? standing.rights : undefined;
}

export function hasRight(standing: BotStanding | undefined, right: BotRight): boolean {
  return rightsOf(standing)?.includes(right) === true;
}

export function isInside(standing: BotStanding | undefined): boolean {
  return standing !== undefined && standing !== 'left' && standing !== 'kicked';
}

/** The bot as a member; one that has never been there is `left`. */
export function asMember(user: User, standing: BotStanding = 'left', isChannel = false): ChatMember {
  if (standing === 'kicked') return { user, status: 'kicked', until_date: 0 };
  if (standing === 'member' || standing === 'left') return { user, status: standing };
  return {
    user,
    status: 'administrator',
    can_be_edited: false,
    can_invite_users: hasRight(standing, 'can_invite_users'),
    can_restrict_members: hasRight(standing, 'can_restrict_members'),
    ...(isChannel ? { can_post_messages: hasRight(standing, 'can_post_messages') } : {}),
  };
}
