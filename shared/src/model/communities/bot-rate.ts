import type { Collection } from '../../platform/ports/topology-types.ts';

/** What the instances of link-worker know together of the pace that Telegram allows a bot. */
export interface BotRate {
  /** Telegram's order to wait: no link call for this bot before it, across restarts and instances. */
  readonly pausedUntil: string;
  /** The time up to which calls are given out; whoever takes the next slice begins there. */
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

/** Id: the bot's numeric id (the part of its token before the colon, which is no secret). */
export const botRates: Collection<BotRate> = { name: 'bot_rates', writtenBy: 'link-worker', indexes: [] };
