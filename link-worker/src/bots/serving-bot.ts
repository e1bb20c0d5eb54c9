import type { CallOptions } from '@paid-community/shared/telegram/bot-api.ts';
import type { Bot } from './bot.ts';
import type { ChatAnswer, CommunityChat } from './community-chat.ts';

/** One bot in the chat of one community. It is made for a call and kept nowhere: there may be 100,000 such pairs. */
export class ServingBot {
  readonly bot: Bot;
  readonly chat: CommunityChat;

  constructor(bot: Bot, chat: CommunityChat) {
    this.bot = bot;
    this.chat = chat;
  }

  /** @throws as CommunityChat.call */
  call(method: string, parameters: object, options?: CallOptions): Promise<ChatAnswer> {
    return this.chat.call(this.bot, method, parameters, options);
  }
}
