import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { FaultScript } from '../http/faults.ts';
import type { Update } from './wire.ts';

export interface TelegramOptions {
  readonly botToken: string;
  /** The one chat this simulator has; the bot is an administrator of it. */
  readonly chatId: number;
  /** Sustained rate of createChatInviteLink before it answers 429. Telegram publishes no number. */
  readonly linkCallsPerSecond: number | 'unlimited';
  /** Link calls that may come at once; by default one second's worth, at least 1. */
  readonly burst?: number;
  /** System clock by default. Rate, expiry, retry waits and long polls follow it; HTTP timeouts do not. */
  readonly clock?: Clock;
  /** Factor on the waits between webhook attempts; 1 by default, 0.001 turns seconds into milliseconds. */
  readonly retryScale?: number;
  /** How long the webhook may take to answer, in ms of real time; 60 000 by default. */
  readonly webhookTimeoutMs?: number;
  /** Keep the time of every link call; true by default. Switch it off for millions of calls. */
  readonly recordLinkCalls?: boolean;
}

/** A call as a fault hook sees it. */
export interface TelegramCall {
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** 1-based, counted for each method by itself. */
  readonly callNumber: number;
}

export interface LinkView {
  readonly inviteLink: string;
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
  /** Link calls made before the retry_after of an earlier 429 had passed: a well-behaved client has 0. */
  readonly callsDuringStop: number;
}

export interface UpdateCounters {
  /** Stored and not yet acknowledged, oldest first. */
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

export interface Person {
  /** A new number when absent. */
  readonly telegramUserId?: number;
  readonly firstName?: string;
}

export type JoinRefusal =
  'unknown_link' | 'revoked' | 'expired' | 'limit_reached' | 'already_member' | 'banned' | 'needs_approval';

export type JoinOutcome =
  { readonly ok: true; readonly telegramUserId: number } | { readonly ok: false; readonly reason: JoinRefusal };

/** `administrator` with or without the right to invite; the others have none. */
export type BotStanding = 'inviting_administrator' | 'administrator' | 'member' | 'left' | 'kicked';

export interface TelegramSimulator {
  /** The API root: calls go to `${url}/bot<token>/<method>`. */
  readonly url: string;
  readonly botToken: string;
  /** The present one: a migration changes it. */
  readonly chatId: number;
  readonly faults: FaultScript<TelegramCall>;
  readonly links: LinkBook;
  readonly calls: CallCounters;
  readonly updates: UpdateCounters;
  /** People who came in, by a link or otherwise. */
  readonly joins: number;
  /** What the Date header of answers is ahead of the clock, ms; 0 to begin with. */
  clockOffsetMs: number;

  /** Somebody opens one of the bot's links. */
  join(person: Person & { readonly inviteLink: string }): JoinOutcome;
  /** Somebody comes in through a link of another administrator, which the bot sees cut. */
  joinByForeignLink(person?: Person): JoinOutcome;
  /** An administrator adds somebody: no link in the update. */
  addWithoutLink(person?: Person): JoinOutcome;
  /** These four throw when the person is not in the chat. */
  leave(telegramUserId: number): void;
  promote(telegramUserId: number): void;
  /** Takes rights away; the person stays in the chat. */
  restrict(telegramUserId: number): void;
  ban(telegramUserId: number): void;
  /** Somebody moves the bot to another Bot API server, and back. */
  logOut(): void;
  logIn(): void;
  /**
   * An administrator changes what the bot may do; `my_chat_member` tells it. Without rights it sees no joins, and makes
   * no links.
   */
  setBotStanding(standing: BotStanding): void;
  /** The group becomes a supergroup: calls with the id so far are refused, and told the new one, which is returned. */
  migrateChat(): number;
  /** Somebody else who has the token sets the webhook; what is not named is as by a plain setWebhook. */
  setForeignWebhook(webhook: {
    readonly url: string;
    readonly secretToken?: string;
    readonly allowedUpdates?: readonly string[];
  }): void;
  /**
   * Any update, `update_id` filled in when absent.
   * Returns the id, or undefined when allowed_updates does not name its type.
   */
  injectUpdate(update: Readonly<Record<string, unknown>>): number | undefined;

  close(): Promise<void>;
}
