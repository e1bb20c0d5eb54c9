import { chatMigrations } from '@paid-community/shared/model/communities/chat-migration.ts';
import { healthReports } from '@paid-community/shared/model/operations/health-report.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { linkWorker } from '@paid-community/shared/topology.ts';
import type { ChatMemberUpdated } from '../updates/telegram/update.ts';

type Chat = ChatMemberUpdated['chat'];

/**
 * Which chat is the community. Anybody may add a bot to a group of their own and give a link there any name, so what an
 * update says counts only where it comes from. The setting knows the chat by its id or @username; link-worker, which
 * has the token, knows what became of it.
 */
export class OwnChat {
  readonly #configured: string | undefined;
  readonly #store: DocumentStore;
  /** Ids that link-worker knew as the community's: a chat that was ours stays ours for this process. */
  readonly #learned = new Set<string>();

  /** `configured` is TELEGRAM_CHAT_ID, where this service has it. */
  constructor(configured: string | undefined, store: DocumentStore) {
    this.#configured = configured;
    this.#store = store;
  }

  /**
   * Two reads for a chat that is not the one in the setting; none for ours. @throws RetryableError when the store does
   * not answer.
   */
  async is({ id, username }: Chat): Promise<boolean> {
    const chatId = String(id);
    if (chatId === this.#configured || this.#learned.has(chatId)) return true;
    // Usernames are the same in any case (https://core.telegram.org/method/contacts.resolveUsername); only one of a
    // chat's is in an update.
    if (username !== undefined && `@${username}`.toLowerCase() === this.#configured?.toLowerCase()) return true;
    const [migration, report] = await Promise.all([
      this.#configured === undefined ? undefined : this.#store.get(chatMigrations, this.#configured),
      this.#store.get(healthReports, linkWorker),
    ]);
    if (migration?.data.chatId !== chatId && report?.data.facts['chatId'] !== chatId) return false;
    this.#learned.add(chatId);
    return true;
  }
}
