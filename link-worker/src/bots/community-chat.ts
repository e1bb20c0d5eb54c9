import { chatMigrations } from '@paid-community/shared/model/communities/chat-migration.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { BotApi, CallOptions } from '@paid-community/shared/telegram/bot-api.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';

interface Deps {
  readonly botApi: BotApi;
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ChatAnswer {
  readonly result: unknown;
  /** In which the call was made: the id of the settings, or what it became. */
  readonly chatId: string;
}

/**
 * The chat of the settings, wherever it is now. A group that becomes a supergroup gets another id, and Telegram refuses
 * the old one with the new one in its answer: it is stored, and the call is made again at once. Nobody has to change a
 * setting for links to be made.
 */
export class CommunityChat {
  readonly configuredId: string;
  readonly #deps: Deps;
  #movedTo: string | undefined;
  #loaded: Promise<void> | undefined;

  constructor(configuredId: string, deps: Deps) {
    this.configuredId = configuredId;
    this.#deps = deps;
  }

  /** The first call of a process reads where the chat is. @throws RetryableError when the store does not answer. */
  async id(): Promise<string> {
    await this.#load();
    return this.#movedTo ?? this.configuredId;
  }

  /**
   * Calls a method about the chat.
   * @throws TelegramApiError, TelegramCallError as BotApi; RetryableError when the store does not answer: then no
   * second call is made.
   */
  async call(method: string, parameters: object, options?: CallOptions): Promise<ChatAnswer> {
    const callIn = async (chatId: string): Promise<ChatAnswer> => ({
      result: await this.#deps.botApi.call(method, { chat_id: chatId, ...parameters }, options),
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
    const { store, clock, log } = this.#deps;
    const migration = { chatId, migratedAt: new Date(clock.now()).toISOString() };
    await changeDocument(store, chatMigrations, this.configuredId, (known) =>
      known?.chatId === chatId ? undefined : migration,
    );
    this.#movedTo = chatId;
    log.warn(
      { configuredId: this.configuredId, chatId, hint: `set TELEGRAM_CHAT_ID to ${chatId}` },
      'the group became a supergroup, and is followed',
    );
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
