import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { CallRate } from './call-rate.ts';

const PER_SECOND_OF_CHAT = 1;
const PER_MINUTE_OF_CHAT = 20;
const PER_SECOND_OF_BOT = 30;
const MINUTE_MS = 60_000;

interface ChatLimits {
  readonly perSecond: CallRate;
  /** When the messages of the last minute were sent, oldest first. */
  readonly sentAtMs: number[];
}

/** What a bot may send: so much to one chat, and so much in all. A refusal in one chat holds up no other. */
export class MessageLimits {
  readonly #clock: Clock;
  readonly #ofBot: CallRate;
  readonly #ofChat = new Map<number, ChatLimits>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#ofBot = new CallRate({ callsPerSecond: PER_SECOND_OF_BOT, clock });
  }

  /** Takes one message. Over a limit it returns the retry_after in seconds. */
  take(chatId: number): number | undefined {
    const { perSecond, sentAtMs } = this.#limitsOf(chatId);
    const nowMs = this.#clock.now();
    while (sentAtMs[0] !== undefined && sentAtMs[0] <= nowMs - MINUTE_MS) sentAtMs.shift();
    const [oldestMs] = sentAtMs;
    if (oldestMs !== undefined && sentAtMs.length >= PER_MINUTE_OF_CHAT)
      return Math.max(1, Math.ceil((oldestMs + MINUTE_MS - nowMs) / 1_000));
    const retryAfterSec = perSecond.take() ?? this.#ofBot.take();
    if (retryAfterSec === undefined) sentAtMs.push(nowMs);
    return retryAfterSec;
  }

  #limitsOf(chatId: number): ChatLimits {
    const known = this.#ofChat.get(chatId);
    if (known !== undefined) return known;
    const limits = {
      perSecond: new CallRate({ callsPerSecond: PER_SECOND_OF_CHAT, clock: this.#clock }),
      sentAtMs: [],
    };
    this.#ofChat.set(chatId, limits);
    return limits;
  }
}
