import type { FaultScript } from '../http/faults.ts';
import type { JoinOutcome, Person, SimulatedChat } from './simulated-chat.ts';
import type { BotOptions, BotRight, BotStanding, ChatOptions } from './telegram-options.ts';
import type { Update } from './wire.ts';

/** A call as a fault hook sees it. */
export interface TelegramCall {
  readonly botId: number;
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** 1-based, counted for each method by itself. */
  readonly callNumber: number;
}

export interface LinkView {
  readonly inviteLink: string;
  /** The bot that made it. */
  readonly botId: number;
  /** The present id of its chat. */
  readonly chatId: number;
  readonly name: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** 0 = unlimited. */
  readonly memberLimit: number;
  /** Unix seconds; 0 = never. */
  readonly expireDate: number;
  readonly createsJoinRequest: boolean;
  readonly revoked: boolean;
  /** People who ever came in through it. */
  readonly uses: number;
  /** People who came in through it and are in the chat now. */
  readonly present: number;
  /** People who asked through it and have no answer. */
  readonly asking: number;
}

export interface LinkBook {
  readonly size: number;
  get(inviteLink: string): LinkView | undefined;
  /** Looks at every link. */
  named(name: string): LinkView[];
  all(): IterableIterator<LinkView>;
}

export interface CallCounters {
  of(method: string): number;
  byMethod(): Record<string, number>;
  /** ms since the epoch of each createChatInviteLink call, the refused ones too; empty when not recorded. */
  readonly linkCallTimes: readonly number[];
  /** Link calls answered with 429, scripted ones too. */
  readonly tooManyRequests: number;
  /** Messages refused with 429, scripted ones too. */
  readonly tooManyMessages: number;
  /** Link calls made before the retry_after of an earlier 429 had passed: a well-behaved client has 0. */
  readonly callsDuringStop: number;
}

export interface UpdateCounters {
  /** Stored and not yet acknowledged: of each bot by itself, oldest first. */
  pending(): Update[];
  readonly pendingCount: number;
  readonly delivered: number;
  /** Webhook calls made, the failed ones too. */
  readonly attempts: number;
  /** Never stored, because allowed_updates did not name them. */
  readonly notAllowed: number;
  /** Given up 24 hours after the event, or by drop_pending_updates. */
  readonly dropped: number;
  /** Webhook answers with a `method` field, which Telegram would have executed. */
  readonly executedFromWebhookReply: readonly unknown[];
}

/** One bot: what it called, and what it is told. */
export interface SimulatedBot {
  readonly botId: number;
  readonly username: string;
  /** The one that works now. */
  readonly token: string;
  readonly calls: CallCounters;
  readonly updates: UpdateCounters;
  /** Another hidden limit on its link calls from now on. `burst`: one second's worth when absent. */
  limitLinks(callsPerSecond: number | 'unlimited', burst?: number): void;
  /** The next link calls are answered with 429 until so many seconds have passed. */
  pauseLinks(seconds: number): void;
  /** Its owner lets @BotFather make another token, which is returned: the one so far is refused, its webhook is gone. */
  revokeToken(): string;
  /** Somebody moves the bot to another Bot API server, and back. */
  logOut(): void;
  logIn(): void;
  /** Somebody else who has the token sets the webhook; what is not named is as by a plain setWebhook. */
  setForeignWebhook(webhook: {
    readonly url: string;
    readonly secretToken?: string | undefined;
    readonly allowedUpdates?: readonly string[] | undefined;
  }): void;
  /**
   * Any update, `update_id` filled in when absent.
   * Returns the id, or undefined when allowed_updates does not name its type.
   */
  injectUpdate(update: Readonly<Record<string, unknown>>): number | undefined;
}

/** An administrator opens a connection link of a bot, chooses the chat and confirms. */
export interface Tap {
  /** `https://t.me/<bot>?startgroup=<code>&admin=invite_users+…`, or `?startchannel&admin=…`. */
  readonly link: string;
  readonly chatId: number;
  /** The rights that are left ticked; all that the link asks for when absent. */
  readonly rights?: readonly BotRight[] | undefined;
}

/** What is there besides `bot` and `chat` is about the first bot and the first chat, or counts all of them together. */
export interface TelegramSimulator extends Omit<SimulatedBot, 'token' | 'botId' | 'username'> {
  /** The API root: calls go to `${url}/bot<token>/<method>`. */
  readonly url: string;
  readonly botToken: string;
  /** The present one: a migration changes it. */
  readonly chatId: number;
  readonly faults: FaultScript<TelegramCall>;
  /** The links of every bot, in every chat. */
  readonly links: LinkBook;
  /** Of every bot. */
  readonly calls: CallCounters;
  readonly updates: UpdateCounters;
  /** People who came in, by a link or otherwise. */
  readonly joins: number;
  /** What the Date header of answers is ahead of the clock, ms; 0 to begin with. */
  clockOffsetMs: number;

  /** These two throw when there is no such bot or chat; a chat is also found by its @name. */
  bot(botId: number | string): SimulatedBot;
  chat(chatId: number | string): SimulatedChat;
  readonly bots: readonly SimulatedBot[];
  readonly chats: readonly SimulatedChat[];
  /** Somebody makes a chat. @throws when its id or name is taken. */
  addChat(chat: ChatOptions): SimulatedChat;
  /** Somebody makes a bot. @throws when there is one with its id. */
  addBot(bot: BotOptions): SimulatedBot;
  /** @throws when the link leads to no bot, or asks for a chat of another kind. */
  tap(tap: Tap): void;

  /** Somebody opens a link of a bot; one that asks for approval lets nobody in by itself. */
  join(person: Person & { readonly inviteLink: string }): JoinOutcome;
  joinByForeignLink(person?: Person): JoinOutcome;
  addWithoutLink(person?: Person): JoinOutcome;
  leave(telegramUserId: number): void;
  promote(telegramUserId: number): void;
  restrict(telegramUserId: number): void;
  ban(telegramUserId: number): void;
  unban(telegramUserId: number): void;
  setBotStanding(standing: BotStanding): void;
  migrateChat(): number;

  close(): Promise<void>;
}
