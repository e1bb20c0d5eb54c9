import type { Collection } from '../../platform/ports/topology-types.ts';

/** Telegram limits each of them by itself. */
export type CallKind = 'link' | 'member' | 'message';

/** What the instances of link-worker know together of the pace that Telegram allows a bot for one kind of call. */
export interface BotRate {
  /** The pause that Telegram has ordered: no such call of this bot before it, across restarts and instances. */
  readonly pausedUntil: string;
  /** The time up to which calls are given out; the next slice begins there. */
  readonly grantedUntil: string;
  /** The instance that took the last slice. */
  readonly grantedTo: string;
  /**
   * When this was written, by the clock of the machine that wrote it, as all times here; absent where an older version
   * wrote it.
   */
  readonly writtenAt?: string;
  /** What was learned of the limit, in the words of link-worker; absent where calls are not paced. */
  readonly learned?: Readonly<Record<string, number>> | undefined;
}

/** The bot's numeric id is the part of its token before the colon, which is no secret. */
export function botRateId(botId: string, kind: CallKind, chatId?: string): string {
  // The first kind there was has the document of before.
  const ofBot = kind === 'link' ? botId : `${botId}.${kind}`;
  return chatId === undefined ? ofBot : `${ofBot}.${chatId}`;
}

export function botOfRate(rateId: string): string {
  return rateId.split('.', 1)[0] ?? rateId;
}

/** Id: see botRateId. */
export const botRates: Collection<BotRate> = {
  name: 'bot_rates',
  owner: 'link-worker',
  operatorWrites: false,
  keyedBy: 'botId',
  personalFields: {},
  onErasure: { keep: 'is about the bot' },
  indexes: [],
};
