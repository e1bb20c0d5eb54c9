import type { BotStanding, ExaminedChat } from './chat-standing.ts';
import type { CommunitySettings } from './community.ts';

/**
 * What is wrong with a chat for what the settings of its community need, the most important first; each sentence says
 * what would be right. Empty: all is well.
 */
export function chatFaults(
  chat: ExaminedChat,
  { botIds, removal, wrongPerson }: Pick<CommunitySettings, 'botIds' | 'removal' | 'wrongPerson'>,
): readonly string[] {
  const kindFault = faultOfKind(chat);
  if (kindFault !== undefined) return [kindFault];
  const removers = [
    ...(removal === 'on' ? ['removal "on"'] : []),
    ...(wrongPerson === 'remove' ? ['wrongPerson "remove"'] : []),
  ];
  return botIds.flatMap((botId) => {
    const standing = chat.bots.find((each) => each.botId === botId);
    return standing === undefined ? [`The bot ${botId} was not looked at`] : faultsOfBot(standing, removers[0]);
  });
}

function faultOfKind({ kind }: ExaminedChat): string | undefined {
  if (kind === 'private') return 'This is a private chat with one person; a community is a supergroup or a channel';
  if (kind === 'group')
    return 'This is a basic group, in which bots cannot remove people for good. Make it a supergroup: in Telegram, open the group, Edit, and set "Chat history for new members" to visible. Telegram gives it another id then';
  return undefined;
}

/** To a bot, a chat that was deleted looks like one that it was taken out of. */
const OR_DELETED = 'or the chat was deleted: then disconnect the community';

/** `remover`: the setting that has people removed; undefined: none has. */
function faultsOfBot(bot: BotStanding, remover: string | undefined): readonly string[] {
  const name = bot.username === undefined ? `The bot ${bot.botId}` : `@${bot.username}`;
  switch (bot.status) {
    case 'unknown_bot':
      return [`${name} is not one whose token link-worker has: add it to TELEGRAM_BOT_TOKENS`];
    case 'token_refused':
      return [
        `${name} cannot call, because Telegram refuses its token: put its present token, from @BotFather, into the settings`,
      ];
    case 'chat_not_found':
      return [`${name} cannot see the chat: add it there as an administrator, and check the id; ${OR_DELETED}`];
    case 'creator':
    case 'administrator':
      break;
    case 'left':
    case 'kicked':
      return [`${name} is no administrator of the chat (${bot.status}): make it one; ${OR_DELETED}`];
    default:
      return [`${name} is no administrator of the chat (${bot.status}): make it one`];
  }
  return [
    ...(bot.mayInvite ? [] : [`${name} lacks the right "Invite users via link" (can_invite_users)`]),
    ...(bot.mayRestrict || remover === undefined
      ? []
      : [`${name} lacks the right "Ban users" (can_restrict_members), which ${remover} needs`]),
  ];
}
