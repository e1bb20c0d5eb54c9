import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

/** A chat that people made: by their hands, or as part of the options. */
export interface ChatOptions {
  /** One that fits the kind when absent. */
  readonly chatId?: number | undefined;
  readonly title: string;
  readonly kind: ChatKind;
  /** Of a public chat, without @. */
  readonly username?: string | undefined;
  /** How bots stand to it; those that are not named have never been there. */
  readonly bots?: readonly { readonly botId: number; readonly standing: BotStanding }[] | undefined;
}

export type ChatKind = 'supergroup' | 'channel' | 'group' | 'private';

export interface BotOptions {
  readonly token: string;
  /** `simulated_bot_<its id>` when absent. */
  readonly username?: string | undefined;
  /** As the first bot's when absent. */
  readonly linkCallsPerSecond?: number | 'unlimited' | undefined;
  readonly burst?: number | undefined;
}

export interface TelegramOptions {
  /** Of the first bot. */
  readonly botToken: string;
  /** The first chat, a supergroup; the first bot is an administrator of it. */
  readonly chatId: number;
  /** Bots besides the first one. */
  readonly bots?: readonly BotOptions[] | undefined;
  /** Chats besides the first one. */
  readonly chats?: readonly ChatOptions[] | undefined;
  /** Sustained rate of createChatInviteLink of each bot before it answers 429. Telegram publishes no number. */
  readonly linkCallsPerSecond: number | 'unlimited';
  /** Link calls that may come at once; by default one second's worth, at least 1. */
  readonly burst?: number;
  /** By default those that Telegram tells: 1 a second and 20 a minute for a chat, 30 a second for a bot. */
  readonly messageLimits?: 'unlimited' | undefined;
  /** System clock by default. Rate, expiry, retry waits and long polls follow it; HTTP timeouts do not. */
  readonly clock?: Clock;
  /** Factor on the waits between webhook attempts; 1 by default, 0.001 turns seconds into milliseconds. */
  readonly retryScale?: number;
  /** How long the webhook may take to answer, in ms of real time; 60 000 by default. */
  readonly webhookTimeoutMs?: number;
  /** Keep the time of every link call; true by default. Switch it off for millions of calls. */
  readonly recordLinkCalls?: boolean;
}

/** `inviting_administrator` has every right, `administrator` none; the others are no administrators. */
export type BotStanding =
  'inviting_administrator' | 'administrator' | 'member' | 'left' | 'kicked' | { readonly rights: readonly BotRight[] };

export type BotRight = 'can_invite_users' | 'can_restrict_members' | 'can_post_messages';
