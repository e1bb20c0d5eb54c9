import { badRequest, BotApiError, forbidden } from './bot-api-error.ts';
import type { BotAccount } from './bot-account.ts';
import type { ChatPlace } from './chat-place.ts';
import type { Directory } from './directory.ts';
import { textOf, type Parameters } from './parameters.ts';
import { hasRight, isInside } from './standing.ts';

/**
 * The chat that a call names, to look at it: a public one may be looked at from outside [tba, check_chat].
 * @throws BotApiError 400 for a chat that the bot has never met, or for an id that the chat no longer has; 403 when it
 *   is not in it any more.
 */
export function lookAtChat(directory: Directory, bot: BotAccount, parameters: Parameters): ChatPlace {
  const chatId = textOf(parameters, 'chat_id') ?? '';
  if (chatId === '') throw badRequest('chat_id is empty');
  const place = directory.findChat(chatId);
  if (place === undefined) throw badRequest('chat not found');
  const standing = place.standingOf(bot.botId);
  const isPublic = place.username !== undefined && !place.isDeleted;
  if (standing === undefined && !isPublic) throw badRequest('chat not found');
  if (!chatId.startsWith('@') && chatId !== String(place.chatId)) {
    throw new BotApiError(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: place.chatId,
    });
  }
  if (place.isDeleted && place.kind === 'group') throw forbidden('the group chat was deleted');
  if (standing === 'kicked') throw forbidden(`bot was kicked from the ${place.kind} chat`);
  if (standing === 'left' && !isPublic) throw forbidden(`bot is not a member of the ${place.kind} chat`);
  return place;
}

/** The chat that a call names, to do something in it. @throws BotApiError as lookAtChat, and 403 from outside. */
export function enterChat(directory: Directory, bot: BotAccount, parameters: Parameters): ChatPlace {
  const place = lookAtChat(directory, bot, parameters);
  if (!isInside(place.standingOf(bot.botId))) throw forbidden(`bot is not a member of the ${place.kind} chat`);
  return place;
}

/** @throws BotApiError as enterChat, and 400 without the right to invite. */
export function chatToInviteTo(directory: Directory, bot: BotAccount, parameters: Parameters): ChatPlace {
  const place = enterChat(directory, bot, parameters);
  if (place.kind === 'private') throw badRequest("can't invite members to a private chat");
  if (!hasRight(place.standingOf(bot.botId), 'can_invite_users'))
    throw badRequest('not enough rights to manage chat invite link');
  return place;
}

/** @throws BotApiError as enterChat, and 400 without the right to invite. */
export function chatToAdmitTo(directory: Directory, bot: BotAccount, parameters: Parameters): ChatPlace {
  const place = enterChat(directory, bot, parameters);
  if (!hasRight(place.standingOf(bot.botId), 'can_invite_users'))
    throw badRequest('not enough rights to manage chat join requests');
  return place;
}

/** @throws BotApiError as enterChat, 400 in a group, and without the right to restrict. */
export function chatToRemoveFrom(directory: Directory, bot: BotAccount, parameters: Parameters): ChatPlace {
  const place = enterChat(directory, bot, parameters);
  if (place.kind !== 'supergroup' && place.kind !== 'channel')
    throw badRequest('method is available for supergroup and channel chats only');
  if (!hasRight(place.standingOf(bot.botId), 'can_restrict_members'))
    throw badRequest('not enough rights to restrict/unrestrict chat member');
  return place;
}

/** @throws BotApiError as enterChat, and 400 in a channel without the right to post. */
export function chatToWriteTo(directory: Directory, bot: BotAccount, parameters: Parameters): ChatPlace {
  const place = enterChat(directory, bot, parameters);
  const standing = place.standingOf(bot.botId);
  if (place.kind === 'channel' && standing === 'member')
    throw badRequest('need administrator rights in the channel chat');
  if (place.kind === 'channel' && !hasRight(standing, 'can_post_messages'))
    throw badRequest('not enough rights to send text messages to the chat');
  return place;
}
