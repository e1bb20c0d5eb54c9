import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { badRequest, BotApiError, forbidden } from './bot-api-error.ts';
import { textOf } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import type { BotStanding } from './telegram-simulator.ts';
import type { Chat, ChatMember, ChatMemberUpdated, User } from './wire.ts';

/** The person behind every action of an administrator. */
export const ADMIN: User = { id: 5_000_000_001, is_bot: false, first_name: 'Admin' };

/** What is added to the id of a group to make that of the supergroup it becomes; Telegram draws a number of its own. */
const SUPERGROUP_OFFSET = -1_000_000_000_000;

export interface ChatPlaceOptions {
  readonly chat: Chat;
  readonly bot: User;
  readonly clock: Clock;
  /** Told of every change of the bot's standing. */
  readonly changed: (update: ChatMemberUpdated) => void;
}

/** The chat under its present id, and the bot's rights in it. */
export class ChatPlace {
  readonly #options: ChatPlaceOptions;
  readonly #formerIds = new Set<string>();
  #chat: Chat;
  #standing: BotStanding = 'inviting_administrator';

  constructor(options: ChatPlaceOptions) {
    this.#options = options;
    this.#chat = options.chat;
  }

  get chat(): Chat {
    return this.#chat;
  }

  /** A bot that is no administrator gets no `chat_member` updates [tba]. */
  get botSeesMembers(): boolean {
    return this.#standing === 'inviting_administrator' || this.#standing === 'administrator';
  }

  get botAsMember(): ChatMember {
    return asMember(this.#options.bot, this.#standing);
  }

  setBotStanding(standing: BotStanding): void {
    const before = this.botAsMember;
    this.#standing = standing;
    const date = Math.floor(this.#options.clock.now() / 1_000);
    this.#options.changed({
      chat: this.#chat,
      from: ADMIN,
      date,
      old_chat_member: before,
      new_chat_member: this.botAsMember,
    });
  }

  migrate(): number {
    this.#formerIds.add(String(this.#chat.id));
    this.#chat = { ...this.#chat, id: this.#chat.id + SUPERGROUP_OFFSET };
    return this.#chat.id;
  }

  /**
   * @throws BotApiError 400 for another chat, or for an id that the chat no longer has; 403 when the bot is not in it.
   */
  check(parameters: Parameters): void {
    const chatId = textOf(parameters, 'chat_id') ?? '';
    if (chatId === '') throw badRequest('chat_id is empty');
    if (this.#formerIds.has(chatId)) {
      throw new BotApiError(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
        migrate_to_chat_id: this.#chat.id,
      });
    }
    if (chatId !== String(this.#chat.id)) throw badRequest('chat not found');
    if (this.#standing === 'kicked') throw forbidden('bot was kicked from the supergroup chat');
    if (this.#standing === 'left') throw forbidden('bot is not a member of the supergroup chat');
  }

  /** @throws BotApiError as check, and 400 without the right to invite. */
  checkMayInvite(parameters: Parameters): void {
    this.check(parameters);
    if (this.#standing !== 'inviting_administrator') throw badRequest('not enough rights to manage chat invite link');
  }
}

function asMember(user: User, standing: BotStanding): ChatMember {
  switch (standing) {
    case 'inviting_administrator':
    case 'administrator':
      return {
        user,
        status: 'administrator',
        can_be_edited: false,
        can_invite_users: standing === 'inviting_administrator',
      };
    case 'member':
    case 'left':
      return { user, status: standing };
    case 'kicked':
      return { user, status: 'kicked', until_date: 0 };
  }
}
