import type { Collection } from '../../platform/ports/topology-types.ts';

/** The configured group became a supergroup, which has another id. */
export interface ChatMigration {
  /** What is used instead. */
  readonly chatId: string;
  readonly migratedAt: string;
}

/** Id: the chat id in the settings. */
export const chatMigrations: Collection<ChatMigration> = {
  name: 'chat_migrations',
  owner: 'link-worker',
  operatorWrites: false,
  keyedBy: 'chatId',
  personalFields: {},
  onErasure: { keep: 'is about the community' },
  indexes: [],
};
