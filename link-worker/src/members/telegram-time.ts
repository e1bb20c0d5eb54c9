import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import type { Bot } from '../bots/bot.ts';

/** More than any delay of an answer, and less than anybody pays for. */
const MOST_APART_MS = 600_000;
/** What was seen so long ago is looked at again. */
const FRESH_MS = 600_000;

/** The time as Telegram tells it with its answers, held against the clock of this machine. */
export class TelegramTime {
  readonly #clock: Clock;
  #looked: { readonly serverTimeMs: number | undefined; readonly monotonicMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly noted = (serverTimeMs: number): void => {
    this.#looked = { serverTimeMs, monotonicMs: this.#clock.monotonicMs() };
  };

  /**
   * Holds that what is over here is over at Telegram, too. Asks when it has not heard the time of late, or what it heard
   * differs: this machine may have slept.
   * @throws RetryableError when the clocks differ by more than ten minutes; what the call of the bot throws.
   */
  async check({ api }: Pick<Bot, 'api'>): Promise<void> {
    if (this.#isFresh() && this.#apartMs() <= MOST_APART_MS) return;
    this.#looked = { serverTimeMs: undefined, monotonicMs: this.#clock.monotonicMs() };
    await api.call('getMe', {}, { onServerTime: this.noted });
    const apartMs = this.#apartMs();
    if (apartMs > MOST_APART_MS)
      throw new RetryableError(
        'clock_differs',
        `The clock of this machine and that of Telegram differ by ${Math.round(apartMs / 60_000)} minutes: nobody is removed until it is set right`,
      );
  }

  #isFresh(): boolean {
    return this.#looked !== undefined && this.#clock.monotonicMs() - this.#looked.monotonicMs < FRESH_MS;
  }

  /** 0 where the other side tells no time. */
  #apartMs(): number {
    const { serverTimeMs, monotonicMs } = this.#looked ?? {};
    if (serverTimeMs === undefined || monotonicMs === undefined) return 0;
    return Math.abs(this.#clock.now() - (serverTimeMs + this.#clock.monotonicMs() - monotonicMs));
  }
}
