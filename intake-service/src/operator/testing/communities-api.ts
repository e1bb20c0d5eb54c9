import type { BotStanding, ExaminedChat } from '@paid-community/shared/model/communities/chat-standing.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { communityChats } from '@paid-community/shared/model/communities/community-chat.ts';
import { AnsweringTaskQueue, type TelegramOfTest } from './answering-task-queue.ts';
import { openOperator, type Operator } from './open-operator.ts';

const administrator = { status: 'administrator', mayInvite: true, mayRestrict: true };

export const bot: BotStanding = { botId: '111', username: 'first_bot', ...administrator };

/** Where both bots are administrators. */
export const chat: ExaminedChat = {
  chatId: '-1001',
  title: 'Gold',
  kind: 'supergroup',
  memberCount: 12,
  bots: [bot, { botId: '222', username: 'second_bot', ...administrator }],
};

/** What connects `gold`, which waits for a chat then. */
export const WITHOUT_CHAT = { communityId: 'gold', name: 'Gold signals', entry: 'link', removal: 'off' };
export const GOLD = { ...WITHOUT_CHAT, chatId: '-1001' };

/** The operations on communities, over a store of their own and a Telegram of two bots and three chats. */
export class CommunitiesApi {
  readonly operator: Operator = openOperator();
  /** A test changes it. */
  readonly telegram: Pick<TelegramOfTest, 'asked'> & {
    chats: Record<string, ExaminedChat>;
    bots: TelegramOfTest['bots'];
  } = {
    chats: {
      'of the settings': { ...chat, chatId: '-1000' },
      '-1001': chat,
      '@gold': chat,
      '-1002': { ...chat, chatId: '-1002' },
    },
    bots: [
      { botId: '111', username: 'first_bot' },
      { botId: '222', username: 'second_bot' },
    ],
  };

  call<T extends object>(action: string, input: object = {}): Promise<T> {
    const taskQueue = new AnsweringTaskQueue(this.operator.backend.store, this.telegram);
    return this.operator.callWith<T>({ taskQueue }, action, input);
  }

  /** Connects `gold` to its chat, or with other fields. */
  connect(fields: object = {}): Promise<{ readonly community: object }> {
    return this.call('communities.connect', { ...GOLD, ...fields });
  }

  async stored(communityId = 'gold'): Promise<object | undefined> {
    return (await this.operator.backend.store.get(communities, communityId))?.data;
  }

  async claim(chatId: string): Promise<object | undefined> {
    return (await this.operator.backend.store.get(communityChats, chatId))?.data;
  }

  close(): Promise<void> {
    return this.operator.close();
  }
}
