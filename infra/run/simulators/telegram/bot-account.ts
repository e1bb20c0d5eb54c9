import { randomBytes } from 'node:crypto';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { CallLog } from './call-log.ts';
import { CallRate } from './call-rate.ts';
import { LongPoll } from './long-poll.ts';
import { MessageLimits } from './message-limits.ts';
import type { BotOptions } from './telegram-options.ts';
import type { SimulatedBot, UpdateCounters } from './telegram-simulator.ts';
import { UpdateStore } from './update-store.ts';
import { Webhook } from './webhook.ts';
import type { User } from './wire.ts';

export interface BotAccountOptions extends BotOptions {
  readonly linkCallsPerSecond: number | 'unlimited';
  readonly messagesAreLimited: boolean;
  readonly recordLinkCalls: boolean;
  readonly total: CallLog;
  readonly clock: Clock;
  readonly retryScale: number;
  readonly webhookTimeoutMs: number;
}

/** A bot with its token, its limits and its updates. */
export class BotAccount implements SimulatedBot {
  readonly user: User;
  readonly calls: CallLog;
  readonly store: UpdateStore;
  readonly webhook: Webhook;
  readonly longPoll: LongPoll;
  readonly linkRate: CallRate;
  readonly messageLimits: MessageLimits | undefined;
  readonly updates: UpdateCounters;
  isLoggedOut = false;
  #token: string;

  constructor(options: BotAccountOptions) {
    const { token, clock, retryScale, webhookTimeoutMs: timeoutMs } = options;
    this.#token = token;
    const id = botIdOf(token);
    const username = options.username ?? `simulated_bot_${id}`;
    this.user = { id, is_bot: true, first_name: 'Simulated bot', username };
    this.calls = new CallLog(options.recordLinkCalls, options.total);
    this.store = new UpdateStore(clock);
    this.webhook = new Webhook({ store: this.store, clock, retryScale, timeoutMs });
    this.longPoll = new LongPoll(this.store, clock);
    this.linkRate = new CallRate({ callsPerSecond: options.linkCallsPerSecond, burst: options.burst, clock });
    this.messageLimits = options.messagesAreLimited ? new MessageLimits(clock) : undefined;
    this.updates = countersOf([this]);
  }

  get botId(): number {
    return this.user.id;
  }

  get username(): string {
    return this.user.username ?? '';
  }

  get token(): string {
    return this.#token;
  }

  limitLinks(callsPerSecond: number | 'unlimited', burst?: number): void {
    this.linkRate.change(callsPerSecond, burst);
  }

  pauseLinks(seconds: number): void {
    this.linkRate.impose(seconds);
  }

  revokeToken(): string {
    this.webhook.remove(false);
    this.longPoll.interrupt('the token was revoked');
    this.#token = `${this.botId}:${randomBytes(26).toString('base64url')}`;
    return this.#token;
  }

  logOut(): void {
    this.isLoggedOut = true;
  }

  logIn(): void {
    this.isLoggedOut = false;
  }

  setForeignWebhook({ url, secretToken = '', allowedUpdates }: Parameters<SimulatedBot['setForeignWebhook']>[0]): void {
    this.webhook.set({ url, secretToken, maxConnections: undefined, dropPending: false });
    this.store.allow(allowedUpdates);
  }

  injectUpdate(update: Readonly<Record<string, unknown>>): number | undefined {
    return this.store.inject(update);
  }

  close(): void {
    this.webhook.remove(false);
    this.longPoll.interrupt('the simulator closes');
  }
}

/** What became of the updates of these bots together; bots that are added to the list later count too. */
export function countersOf(bots: readonly Pick<BotAccount, 'store' | 'webhook'>[]): UpdateCounters {
  const sum = (of: (bot: (typeof bots)[number]) => number): number => bots.reduce((total, bot) => total + of(bot), 0);
  return {
    pending: () => bots.flatMap(({ store }) => Array.from(store.pending(), ({ update }) => update)),
    get pendingCount() {
      return sum(({ store }) => store.pendingCount);
    },
    get delivered() {
      return sum(({ store }) => store.delivered);
    },
    get attempts() {
      return sum(({ webhook }) => webhook.attempts);
    },
    get notAllowed() {
      return sum(({ store }) => store.notAllowed);
    },
    get dropped() {
      return sum(({ store }) => store.dropped);
    },
    get executedFromWebhookReply() {
      return bots.flatMap(({ webhook }) => webhook.executedReplies);
    },
  };
}

/** A bot's token begins with its user id. */
function botIdOf(botToken: string): number {
  const digits = /^\d+/.exec(botToken)?.[0];
  return digits === undefined ? 4_000_000_001 : Number(digits);
}
