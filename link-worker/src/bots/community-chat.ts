import { chatMigrations } from '@paid-community/shared/model/communities/chat-migration.ts';
import { ChatMigrated } from '@paid-community/shared/model/communities/community-events.ts';
import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import { traceparentFrom } from '@paid-community/shared/platform/trace/traceparent.ts';
import type { CallOptions } from '@paid-community/shared/telegram/bot-api.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';
import { classifyCallFailure } from '../calls/classify-failure.ts';
import { HELD_BACK_MS, type Bot } from './bot.ts';

interface Deps {
  readonly store: DocumentStore;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ChatAnswer {
  readonly result: unknown;
  /** In which the call was made: the known id, or what it became. */
  readonly chatId: string;
}

/**
 * The chat of a community, wherever it is now. A group that becomes a supergroup gets another id, and Telegram refuses
 * the old one with the new one in its answer: it is told and stored, and the call is made again at once. Nobody has to
 * change a setting for links to be made.
 */
export class CommunityChat {
  readonly communityId: string;
  /** Of the settings, or of the community's document. */
  readonly configuredId: string;
  readonly #deps: Deps;
  /** Bots that could not do here what they were asked for: until when they are left alone. */
  readonly #heldBackUntilMs = new Map<string, number>();
  #movedTo: string | undefined;
  #loaded: Promise<void> | undefined;

  constructor({ communityId, chatId }: { readonly communityId: string; readonly chatId: string }, deps: Deps) {
    this.communityId = communityId;
    this.configuredId = chatId;
    this.#deps = deps;
  }

  /** The first call of a process reads where the chat is. @throws RetryableError when the store does not answer. */
  async id(): Promise<string> {
    await this.#load();
    return this.#movedTo ?? this.configuredId;
  }

  /**
   * The bot calls a method about the chat.
   * @throws TelegramApiError, TelegramCallError as BotApi; RetryableError when store or bus do not answer: then no
   * second call is made.
   */
  async call(bot: Bot, method: string, parameters: object, options?: CallOptions): Promise<ChatAnswer> {
    try {
      const answer = await this.#callWhereItIs(bot, method, parameters, options);
      this.#heldBackUntilMs.delete(bot.botId);
      return answer;
    } catch (error) {
      if (classifyCallFailure(error, method).kind === 'needs_administrator')
        this.#heldBackUntilMs.set(bot.botId, this.#deps.clock.monotonicMs() + HELD_BACK_MS);
      throw error;
    }
  }

  /** A moment ago the bot could not do what it was asked for: its token is refused, or it lacks a right in this chat. */
  holdsBack(bot: Bot): boolean {
    return bot.isHeldBack || this.#deps.clock.monotonicMs() < (this.#heldBackUntilMs.get(bot.botId) ?? -Infinity);
  }

  async #callWhereItIs(bot: Bot, method: string, parameters: object, options?: CallOptions): Promise<ChatAnswer> {
    const callIn = async (chatId: string): Promise<ChatAnswer> => ({
      result: await bot.api.call(method, { chat_id: chatId, ...parameters }, options),
      chatId,
    });
    const chatId = await this.id();
    try {
      return await callIn(chatId);
    } catch (error) {
      if (!(error instanceof TelegramApiError) || error.migrateToChatId === undefined) throw error;
      const newId = String(error.migrateToChatId);
      if (newId === chatId) throw error;
      await this.#follow(newId);
      return callIn(newId);
    }
  }

  async #follow(chatId: string): Promise<void> {
    if (this.#movedTo === chatId) return;
    const { communityId, configuredId } = this;
    const { store, eventBus, clock, log } = this.#deps;
    const migratedAt = new Date(clock.now()).toISOString();
    // Told first: once the move is stored, no call finds out about it again. The event is the same each time.
    await ChatMigrated.publish(
      eventBus,
      ChatMigrated.create({
        time: migratedAt,
        traceparent: traceparentFrom(undefined),
        data: { communityId, fromChatId: configuredId, toChatId: chatId },
      }),
    );
    await changeDocument(store, chatMigrations, configuredId, (known) =>
      known?.chatId === chatId ? undefined : { chatId, migratedAt },
    );
    this.#movedTo = chatId;
    const hint = communityId === DEFAULT_COMMUNITY ? `set TELEGRAM_CHAT_ID to ${chatId}` : undefined;
    log.warn({ communityId, configuredId, chatId, hint }, 'the group became a supergroup, and is followed');
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#deps.store.get(chatMigrations, this.configuredId).then(
      (read) => {
        this.#movedTo ??= read?.data.chatId;
      },
      (error: unknown) => {
        this.#loaded = undefined;
        throw error;
      },
    );
    return this.#loaded;
  }
}
