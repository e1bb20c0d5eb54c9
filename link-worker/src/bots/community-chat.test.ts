import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { chatMigrations } from '@paid-community/shared/model/communities/chat-migration.ts';
import { communityEvents } from '@paid-community/shared/model/topics.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { Bot } from './bot.ts';
import { CommunityChat } from './community-chat.ts';

const moved = new TelegramApiError({
  errorCode: 400,
  description: 'Bad Request: group chat was upgraded to a supergroup chat',
  migrateToChatId: -1002,
});

describe('the chat of the settings', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let calledIn: unknown[];
  let eventBus: RecordingEventBus;

  beforeEach(() => {
    ({ backend, close } = openTemporaryBackend(new ManualClock()));
    calledIn = [];
    eventBus = new RecordingEventBus();
  });

  afterEach(() => close());

  const api: BotApi = {
    call: (_method, parameters = {}) => {
      const { chat_id: chatId } = parameters as { chat_id: string };
      calledIn.push(chatId);
      return chatId === '-1' ? Promise.reject(moved) : Promise.resolve('done');
    },
    close: () => undefined,
  };
  const bot = new Bot('7', api, new ManualClock());

  function newChat(store = backend.store): CommunityChat {
    const deps = { store, eventBus, clock: new ManualClock(), log: silentLog };
    return new CommunityChat({ communityId: 'gold', chatId: '-1' }, deps);
  }

  test('is followed within the call, by several calls at once too, and by the next process from the start', async () => {
    const chat = newChat();
    const answer = { result: 'done', chatId: '-1002' };
    expect(await Promise.all([chat.call(bot, 'getChat', {}), chat.call(bot, 'getChatMember', {})])).toEqual([
      answer,
      answer,
    ]);
    expect(calledIn).toEqual(['-1', '-1', '-1002', '-1002']);
    expect((await backend.store.get(chatMigrations, '-1'))?.data).toEqual({
      chatId: '-1002',
      migratedAt: '2026-01-01T00:00:00.000Z',
    });
    const events = eventBus.eventsOn(communityEvents);
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set(['gold.-1002.chat-migrated']));
    expect(events[0]).toMatchObject({ data: { communityId: 'gold', fromChatId: '-1', toChatId: '-1002' } });
    calledIn = [];
    expect(await newChat().call(bot, 'getChat', {})).toEqual(answer);
    expect(calledIn).toEqual(['-1002']);
  });

  test('is not called under its new id before that is stored', async () => {
    const { store } = backend;
    const failing = {
      ...store,
      get: store.get.bind(store),
      commit: () => Promise.reject(new RetryableError('storage_full', 'no space')),
    };
    await expect(newChat(failing as typeof store).call(bot, 'createChatInviteLink', {})).rejects.toMatchObject({
      code: 'storage_full',
    });
    expect(calledIn).toEqual(['-1']);
  });
});
