import { badRequest, conflict } from './bot-api-error.ts';
import type { BotAccount } from './bot-account.ts';
import type { Directory } from './directory.ts';
import type { LinkRequest } from './invite-links.ts';
import { booleanOf, integerOf, textListOf, textOf } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import { chatToAdmitTo, chatToInviteTo, chatToRemoveFrom, chatToWriteTo, enterChat, lookAtChat } from './reach-chat.ts';
import { rightsOf } from './standing.ts';
import type { ChatMember } from './wire.ts';

const MAX_TEXT_CHARACTERS = 4_096;

/** Over a limit; the answer tells the seconds. */
export class TooManyCalls extends Error {
  readonly retryAfterSec: number;

  constructor(retryAfterSec: number) {
    super('Too Many Requests');
    this.retryAfterSec = retryAfterSec;
  }
}

export interface MethodCall {
  readonly bot: BotAccount;
  readonly parameters: Parameters;
  readonly directory: Directory;
  /** Aborts when the caller goes away. */
  readonly gone: () => AbortSignal;
}

export interface Method {
  readonly name: string;
  /** Returns the result; throws BotApiError or TooManyCalls. */
  readonly work: (call: MethodCall) => unknown;
}

const works: Readonly<Record<string, Method['work']>> = {
  logOut: ({ bot }) => {
    bot.logOut();
    return true;
  },
  getMe: ({ bot }) => ({
    ...bot.user,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
  }),
  getChat: ({ directory, bot, parameters }) => lookAtChat(directory, bot, parameters).chat,
  getChatMember: chatMember,
  getChatMemberCount: ({ directory, bot, parameters }) => enterChat(directory, bot, parameters).memberCount,
  createChatInviteLink: createLink,
  editChatInviteLink: ({ directory, bot, parameters }) => {
    const { chatId } = chatToInviteTo(directory, bot, parameters);
    const own = { inviteLink: textOf(parameters, 'invite_link') ?? '', botId: bot.botId, chatId };
    return directory.links.toWire(directory.links.edit(own, linkRequest(parameters)), bot.botId);
  },
  revokeChatInviteLink: ({ directory, bot, parameters }) => {
    const { chatId } = chatToInviteTo(directory, bot, parameters);
    const own = { inviteLink: textOf(parameters, 'invite_link') ?? '', botId: bot.botId, chatId };
    return directory.links.toWire(directory.links.revoke(own), bot.botId);
  },
  approveChatJoinRequest: ({ directory, bot, parameters }) => {
    chatToAdmitTo(directory, bot, parameters).entrance.approve(personIn(parameters), bot.user);
    return true;
  },
  declineChatJoinRequest: ({ directory, bot, parameters }) => {
    chatToAdmitTo(directory, bot, parameters).entrance.decline(personIn(parameters));
    return true;
  },
  unbanChatMember: ({ directory, bot, parameters }) => {
    const { people } = chatToRemoveFrom(directory, bot, parameters);
    const userId = personIn(parameters);
    if (userId === bot.botId) throw badRequest("can't restrict self");
    people.unban(userId, bot.user, booleanOf(parameters, 'only_if_banned'));
    return true;
  },
  sendMessage,
  setWebhook,
  deleteWebhook,
  getWebhookInfo: ({ bot }) => bot.webhook.info(),
  getUpdates: ({ bot, parameters, gone }) => {
    if (bot.webhook.isSet) {
      throw conflict(
        "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    }
    bot.store.allow(textListOf(parameters, 'allowed_updates'));
    return bot.longPoll.poll({
      offset: integerOf(parameters, 'offset') ?? 0,
      limit: integerOf(parameters, 'limit'),
      timeoutSec: integerOf(parameters, 'timeout') ?? 0,
      gone: gone(),
    });
  },
};

/** What this server can do, by lower-case name: names are compared without case, as the real one does [tba]. */
export const methods: ReadonlyMap<string, Method> = new Map(
  Object.entries(works).map(([name, work]) => [name.toLowerCase(), { name, work }]),
);

function createLink({ directory, bot, parameters }: MethodCall): unknown {
  const retryAfterSec = bot.linkRate.take();
  if (retryAfterSec !== undefined) throw new TooManyCalls(retryAfterSec);
  const { chatId } = chatToInviteTo(directory, bot, parameters);
  return directory.links.toWire(directory.links.create(linkRequest(parameters), bot.user, chatId), bot.botId);
}

function linkRequest(parameters: Parameters): LinkRequest {
  return {
    name: textOf(parameters, 'name') ?? '',
    expireDate: integerOf(parameters, 'expire_date') ?? 0,
    memberLimit: integerOf(parameters, 'member_limit') ?? 0,
    createsJoinRequest: booleanOf(parameters, 'creates_join_request'),
  };
}

function sendMessage({ directory, bot, parameters }: MethodCall): unknown {
  const place = chatToWriteTo(directory, bot, parameters);
  const text = textOf(parameters, 'text') ?? '';
  if (text.trim() === '') throw badRequest('message text is empty');
  if (text.length > MAX_TEXT_CHARACTERS) throw badRequest('message is too long');
  const retryAfterSec = bot.messageLimits?.take(place.chatId);
  if (retryAfterSec !== undefined) throw new TooManyCalls(retryAfterSec);
  const { messageId, date } = place.post(bot.botId, text);
  const from = place.kind === 'channel' ? { sender_chat: place.chat } : { from: bot.user };
  return { message_id: messageId, ...from, chat: place.chat, date, text };
}

function chatMember({ directory, bot, parameters }: MethodCall): ChatMember {
  const place = lookAtChat(directory, bot, parameters);
  const userId = personIn(parameters);
  if (userId === bot.botId) return place.bots.asMember(bot);
  // What a bot may see of others in a channel needs rights there [td].
  if (place.kind === 'channel' && rightsOf(place.standingOf(bot.botId)) === undefined)
    throw badRequest('member list is inaccessible');
  const other = directory.bots.find(({ botId }) => botId === userId);
  return other === undefined ? place.people.stateOf(userId) : place.bots.asMember(other);
}

function personIn(parameters: Parameters): number {
  const userId = integerOf(parameters, 'user_id');
  if (userId === undefined) throw badRequest('invalid user_id specified');
  return userId;
}

function setWebhook(call: MethodCall): true {
  const { bot, parameters } = call;
  const url = textOf(parameters, 'url') ?? '';
  if (url === '') return deleteWebhook(call);
  bot.webhook.set({
    url,
    secretToken: textOf(parameters, 'secret_token') ?? '',
    maxConnections: integerOf(parameters, 'max_connections'),
    dropPending: booleanOf(parameters, 'drop_pending_updates'),
  });
  bot.store.allow(textListOf(parameters, 'allowed_updates'));
  bot.longPoll.interrupt('terminated by setWebhook request');
  return true;
}

function deleteWebhook({ bot, parameters }: MethodCall): true {
  bot.webhook.remove(booleanOf(parameters, 'drop_pending_updates'));
  return true;
}
