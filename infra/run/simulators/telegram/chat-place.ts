import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { BotAccount } from './bot-account.ts';
import { BotsInChat } from './bots-in-chat.ts';
import { Entrance } from './entrance.ts';
import type { InviteLinks } from './invite-links.ts';
import { Members } from './members.ts';
import { ADMIN, asMember } from './standing.ts';
import type { BotStanding, ChatKind } from './telegram-options.ts';
import type { JoinOutcome, Person, SentMessage, SimulatedChat } from './simulated-chat.ts';
import type { Chat, ChatMember, Message } from './wire.ts';

/** What is added to the id of a group to make that of the supergroup it becomes; Telegram draws a number of its own. */
const SUPERGROUP_OFFSET = -1_000_000_000_000;

/** What a chat needs of the Telegram around it. */
export interface ChatSurroundings {
  readonly links: InviteLinks;
  newUserId(): number;
  /** @throws when there is none. */
  bot(botId: number): BotAccount;
  /** The chat has another id from now on, and is known by the one before it too. */
  moved(place: ChatPlace, fromChatId: number): void;
}

/** A chat under its present id, the people in it, and the rights of bots in it. */
export class ChatPlace implements SimulatedChat {
  readonly people: Members;
  readonly entrance: Entrance;
  readonly bots: BotsInChat;
  readonly messages: SentMessage[] = [];
  readonly #around: ChatSurroundings;
  readonly #clock: Clock;
  #chat: Chat;
  #nextMessageId = 1;
  isDeleted = false;

  constructor(chat: Chat, around: ChatSurroundings, clock: Clock) {
    this.#chat = chat;
    this.#around = around;
    this.#clock = clock;
    this.bots = new BotsInChat(around, () => this.kind === 'channel');
    this.people = new Members({
      chat: () => this.#chat,
      clock,
      newUserId: () => around.newUserId(),
      changed: (...change) => this.bots.hearOfMember(...change),
    });
    this.entrance = new Entrance({
      members: this.people,
      chat: () => this.#chat,
      links: around.links,
      clock,
      asked: (...request) => this.bots.hearOfRequest(...request),
    });
  }

  get chat(): Chat {
    return this.#chat;
  }

  get chatId(): number {
    return this.#chat.id;
  }

  get title(): string {
    return this.#chat.title;
  }

  get kind(): ChatKind {
    return this.#chat.type;
  }

  get username(): string | undefined {
    return this.#chat.username;
  }

  get joins(): number {
    return this.people.joins;
  }

  /** People and bots, and the owner. */
  get memberCount(): number {
    return 1 + this.insiders.length + this.bots.inside.length;
  }

  get insiders(): readonly number[] {
    return this.people.insiders;
  }

  get askers(): readonly number[] {
    return this.entrance.askers;
  }

  isIn(telegramUserId: number): boolean {
    return this.people.isIn(telegramUserId);
  }

  joinByForeignLink(person: Person = {}): JoinOutcome {
    return this.entrance.joinByForeignLink(person);
  }

  addWithoutLink(person: Person = {}): JoinOutcome {
    return this.entrance.addByAdmin(person);
  }

  ask(person: Person = {}): JoinOutcome {
    return this.entrance.ask(person);
  }

  approve(telegramUserId: number): void {
    this.entrance.approve(telegramUserId, ADMIN);
  }

  decline(telegramUserId: number): void {
    this.entrance.decline(telegramUserId);
  }

  leave(telegramUserId: number): void {
    this.people.leave(telegramUserId);
  }

  promote(telegramUserId: number): void {
    this.people.promote(telegramUserId);
  }

  restrict(telegramUserId: number): void {
    this.people.restrict(telegramUserId);
  }

  ban(telegramUserId: number): void {
    this.people.ban(telegramUserId);
  }

  unban(telegramUserId: number): void {
    this.people.unban(telegramUserId, ADMIN, true);
  }

  standingOf(botId: number): BotStanding | undefined {
    return this.bots.standingOf(botId);
  }

  setBotStanding(botId: number, standing: BotStanding): void {
    const bot = this.#around.bot(botId);
    const before = this.bots.asMember(bot);
    this.bots.set(botId, standing);
    this.#tellStanding(bot, before);
  }

  /** Bots join the supergroup, and are told of no farewell to the group [tdlib/telegram-bot-api#266]. */
  migrate(): number {
    const group = this.#chat;
    this.#chat = { ...group, id: group.id + SUPERGROUP_OFFSET, type: 'supergroup' };
    this.#around.moved(this, group.id);
    for (const bot of this.bots.inside) {
      this.#tellStanding(bot, asMember(bot.user));
      this.#tellMessage(bot, { migrate_to_chat_id: this.chatId }, group);
      this.#tellMessage(bot, { migrate_from_chat_id: group.id });
    }
    return this.chatId;
  }

  /** Bots are told that they left [tdlib/telegram-bot-api#266]. */
  delete(): void {
    this.isDeleted = true;
    for (const bot of this.bots.inside) this.setBotStanding(bot.botId, 'left');
  }

  /** What a bot wrote. */
  post(botId: number, text: string): SentMessage {
    const message = { botId, messageId: this.#nextMessageId++, date: this.#now(), text };
    this.messages.push(message);
    return message;
  }

  /** A command of an administrator to one bot, which gets it in privacy mode too. */
  command(bot: BotAccount, text: string): void {
    const length = text.indexOf(' ') < 0 ? text.length : text.indexOf(' ');
    this.#tellMessage(bot, { text, entities: [{ type: 'bot_command', offset: 0, length }] });
  }

  #tellMessage(bot: BotAccount, content: Partial<Message>, chat: Chat = this.#chat): void {
    const message = { message_id: this.#nextMessageId++, from: ADMIN, chat, date: this.#now(), ...content };
    bot.store.add(`chat ${chat.id}`, 'message', message);
  }

  #tellStanding(bot: BotAccount, before: ChatMember): void {
    bot.store.add(`chat ${this.chatId}`, 'my_chat_member', {
      chat: this.#chat,
      from: ADMIN,
      date: this.#now(),
      old_chat_member: before,
      new_chat_member: this.bots.asMember(bot),
    });
  }

  #now(): number {
    return Math.floor(this.#clock.now() / 1_000);
  }
}
