import { classifyCallFailure } from '../calls/classify-failure.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { CallOptions } from '@paid-community/shared/telegram/bot-api.ts';
import { HELD_BACK_MS, type Bot } from './bot.ts';
import type { ChatAnswer, CommunityChat } from './community-chat.ts';

/** One bot in the chat of one community. */
export class ServingBot {
  readonly bot: Bot;
  readonly chat: CommunityChat;
  readonly #clock: Clock;
  #heldBackUntilMs = -Infinity;

  constructor(bot: Bot, chat: CommunityChat, clock: Clock) {
    this.bot = bot;
    this.chat = chat;
    this.#clock = clock;
  }

  /** @throws as CommunityChat.call */
  async call(method: string, parameters: object, options?: CallOptions): Promise<ChatAnswer> {
    try {
      const answer = await this.chat.call(this.bot.api, method, parameters, options);
      this.#heldBackUntilMs = -Infinity;
      return answer;
    } catch (error) {
      if (classifyCallFailure(error, method).kind === 'needs_administrator')
        this.#heldBackUntilMs = this.#clock.monotonicMs() + HELD_BACK_MS;
      throw error;
    }
  }

  /** A moment ago it could not do what it was asked for: its token is refused, or a right in this chat is missing. */
  get isHeldBack(): boolean {
    return this.bot.isHeldBack || this.#clock.monotonicMs() < this.#heldBackUntilMs;
  }
}
