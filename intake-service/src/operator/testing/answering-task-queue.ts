import { telegramAnswers } from '@paid-community/shared/model/operations/telegram-answer.ts';
import { powerless, type ExaminedChat } from '@paid-community/shared/model/communities/chat-standing.ts';
import type { KnownBots } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { createDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { OutgoingTask, TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';

const TIMES = { answeredAt: '2026-01-01T00:00:00.000Z', expiresAt: '2027-01-01T00:00:00.000Z' };

/** What link-worker would say. */
export interface TelegramOfTest {
  /** By the chat id or @name that is asked for, or `of the settings`. */
  readonly chats: Record<string, ExaminedChat>;
  readonly bots: KnownBots['bots'];
  /** To questions that need a call, by their type. */
  readonly answers?: Readonly<Record<string, (question: unknown) => object>> | undefined;
  /** Called for each question, before it is answered. */
  asked?: ((task: { readonly type: string }) => Promise<void>) | undefined;
}

/** Answers the questions to Telegram at once, in the place of link-worker. */
export class AnsweringTaskQueue implements TaskQueue {
  readonly #store: DocumentStore;
  readonly #telegram: TelegramOfTest;

  constructor(store: DocumentStore, telegram: TelegramOfTest) {
    this.#store = store;
    this.#telegram = telegram;
  }

  async enqueue(_queue: unknown, { payload }: OutgoingTask): Promise<'created'> {
    const task = JSON.parse(payload) as { type: string; askId: string; chatId?: string; botIds: string[] };
    await this.#telegram.asked?.(task);
    const { askId } = task;
    const result = this.#resultFor(task);
    const answer =
      result === undefined
        ? { askId, ...TIMES, kind: 'refused' as const, code: 'telegram', message: 'Telegram does not answer' }
        : { askId, ...TIMES, kind: 'answered' as const, result };
    await this.#store.commit([createDocument(telegramAnswers, askId, answer)]);
    return 'created';
  }

  #resultFor(task: { type: string; chatId?: string; botIds: string[] }): object | undefined {
    if (task.type === 'list-bots') return { bots: this.#telegram.bots };
    return this.#telegram.answers?.[task.type]?.(task) ?? this.#examined(task);
  }

  #examined({
    chatId = 'of the settings',
    botIds,
  }: {
    readonly chatId?: string;
    readonly botIds: readonly string[];
  }): ExaminedChat | undefined {
    const chat = this.#telegram.chats[chatId];
    const asked = botIds.length === 0 ? this.#telegram.bots.slice(0, 1).map(({ botId }) => botId) : botIds;
    return chat && { ...chat, bots: asked.map((botId) => standingOf(chat, botId)) };
  }
}

function standingOf(chat: ExaminedChat, botId: string): ExaminedChat['bots'][number] {
  const known = chat.bots.find((each) => each.botId === botId);
  return known ?? powerless(botId, 'unknown_bot');
}
