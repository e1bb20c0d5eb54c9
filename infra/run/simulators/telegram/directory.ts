import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { BotAccount, type BotAccountOptions } from './bot-account.ts';
import { ChatPlace, type ChatSurroundings } from './chat-place.ts';
import { InviteLinks } from './invite-links.ts';
import type { ChatKind, ChatOptions } from './telegram-options.ts';

// Telegram's newer user ids do not fit 32 bits; the code under test had better not assume that they do.
const FIRST_USER_ID = 7_000_000_001;
/** Below the ids that tests and settings choose for themselves. */
const FIRST_CHAT_ID: Readonly<Record<ChatKind, number>> = {
  supergroup: -1_002_000_000_001,
  channel: -1_003_000_000_001,
  group: -4_000_000_001,
  private: 6_000_000_001,
};

/** All bots and chats that there are. */
export class Directory implements ChatSurroundings {
  readonly links: InviteLinks;
  readonly bots: BotAccount[] = [];
  readonly chats: ChatPlace[] = [];
  readonly #clock: Clock;
  readonly #botById = new Map<number, BotAccount>();
  /** By every id that a chat has had. */
  readonly #chatById = new Map<string, ChatPlace>();
  readonly #chatByName = new Map<string, ChatPlace>();
  #nextUserId = FIRST_USER_ID;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.links = new InviteLinks(clock);
  }

  newUserId(): number {
    return this.#nextUserId++;
  }

  /** @throws when there is a bot with its id. */
  addBot(options: BotAccountOptions): BotAccount {
    const bot = new BotAccount(options);
    if (this.#botById.has(bot.botId)) throw new Error(`There is a bot ${bot.botId} already`);
    this.#botById.set(bot.botId, bot);
    this.bots.push(bot);
    return bot;
  }

  /** @throws when its id or name is taken. */
  addChat({ chatId, title, kind, username, bots = [] }: ChatOptions): ChatPlace {
    const id = chatId ?? this.#freeChatId(kind);
    if (this.#chatById.has(String(id))) throw new Error(`There is a chat ${id} already`);
    if (username !== undefined && this.#chatByName.has(username.toLowerCase()))
      throw new Error(`The name @${username} is taken`);
    const place = new ChatPlace({ id, title, type: kind, username }, this, this.#clock);
    for (const { botId, standing } of bots) place.bots.set(this.bot(botId).botId, standing);
    this.#chatById.set(String(id), place);
    if (username !== undefined) this.#chatByName.set(username.toLowerCase(), place);
    this.chats.push(place);
    return place;
  }

  /** @throws when there is none. */
  bot(botId: number | string): BotAccount {
    const bot = this.#botById.get(Number(botId));
    if (bot === undefined) throw new Error(`There is no bot ${botId}`);
    return bot;
  }

  /** By an id of now or before, or by @name. @throws when there is none. */
  chat(chatId: number | string): ChatPlace {
    const place = this.findChat(String(chatId));
    if (place === undefined) throw new Error(`There is no chat ${chatId}`);
    return place;
  }

  findChat(chatId: string): ChatPlace | undefined {
    return chatId.startsWith('@') ? this.#chatByName.get(chatId.slice(1).toLowerCase()) : this.#chatById.get(chatId);
  }

  botWithToken(token: string): BotAccount | undefined {
    const bot = this.#botById.get(Number(/^\d+/.exec(token)?.[0]));
    if (bot !== undefined) return bot.token === token ? bot : undefined;
    return this.bots.find((each) => each.token === token);
  }

  botNamed(username: string): BotAccount | undefined {
    return this.bots.find((bot) => bot.username.toLowerCase() === username.toLowerCase());
  }

  moved(place: ChatPlace, fromChatId: number): void {
    this.#chatById.set(String(place.chatId), place);
    this.links.move(fromChatId, place.chatId);
  }

  #freeChatId(kind: ChatKind): number {
    let id = FIRST_CHAT_ID[kind];
    while (this.#chatById.has(String(id))) id += Math.sign(id);
    return id;
  }
}
