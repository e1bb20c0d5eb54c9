import type { BotStanding, ChatKind } from './telegram-options.ts';

export interface Person {
  /** A new number when absent. */
  readonly telegramUserId?: number;
  readonly firstName?: string;
}

export type JoinRefusal = 'unknown_link' | 'revoked' | 'expired' | 'limit_reached' | 'already_member' | 'banned';

export type JoinOutcome =
  | { readonly ok: true; readonly telegramUserId: number }
  | { readonly ok: false; readonly reason: JoinRefusal }
  /** An administrator decides. */
  | { readonly ok: false; readonly reason: 'request_sent'; readonly telegramUserId: number };

export interface SentMessage {
  readonly botId: number;
  readonly messageId: number;
  /** Unix seconds. */
  readonly date: number;
  readonly text: string;
}

/** One chat: who is in it, and what people do there. */
export interface SimulatedChat {
  /** The present one: a migration changes it. */
  readonly chatId: number;
  readonly title: string;
  readonly kind: ChatKind;
  readonly username: string | undefined;
  readonly memberCount: number;
  /** What bots wrote, oldest first. */
  readonly messages: readonly SentMessage[];
  /** People who came in, by a link or otherwise. */
  readonly joins: number;
  isIn(telegramUserId: number): boolean;
  /** The people who are in it, without its owner and bots. */
  readonly insiders: readonly number[];
  /** Those who asked to come in and have no answer. */
  readonly askers: readonly number[];
  /** Somebody comes in through a link of another administrator, which bots see cut. */
  joinByForeignLink(person?: Person): JoinOutcome;
  /** An administrator adds somebody: no link in the update. */
  addWithoutLink(person?: Person): JoinOutcome;
  /** Somebody asks to come in without a link, as the settings of a chat may allow. */
  ask(person?: Person): JoinOutcome;
  /** An administrator answers; @throws when the person has not asked. */
  approve(telegramUserId: number): void;
  decline(telegramUserId: number): void;
  /** These four throw when the person is not in the chat. */
  leave(telegramUserId: number): void;
  promote(telegramUserId: number): void;
  /** Takes rights away; the person stays in the chat. */
  restrict(telegramUserId: number): void;
  ban(telegramUserId: number): void;
  /** An administrator lifts a ban; the person may come in again. */
  unban(telegramUserId: number): void;
  /** Undefined: the bot has never been there. */
  standingOf(botId: number): BotStanding | undefined;
  /**
   * An administrator adds the bot, or changes what it may do; `my_chat_member` tells it. Without administrator rights it
   * sees no joins, and makes no links.
   */
  setBotStanding(botId: number, standing: BotStanding): void;
  /** It becomes a supergroup: calls with the id so far are refused, and told the new one, which is returned. */
  migrate(): number;
  /** Its owner deletes it. */
  delete(): void;
}
