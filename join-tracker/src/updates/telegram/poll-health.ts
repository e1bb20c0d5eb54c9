import { errorCode, errorWithCauses } from '@paid-community/shared/platform/ports/errors.ts';
import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import { explainError, type Explanation } from '@paid-community/shared/outside-errors/explain-error.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

/** Two programs that poll end each other's calls in turn: between two refusals a call may go well. */
const CONFLICT_SHOWS_MS = 5 * 60_000;
/** A poll that fails for less is a connection that broke; it is made again within seconds. */
const PASSING_MS = 60_000;
const MESSAGE_CHARACTERS = 300;

interface Failure {
  readonly message: string;
  readonly explanation: Explanation | undefined;
  /** By the monotonic clock, ms. */
  readonly at: number;
}

/** How the calls went that ask Telegram for updates. In memory: the process that polls is the one that is asked. */
export class PollHealth {
  readonly #clock: Clock;
  readonly #botId: string | undefined;
  #last: Failure | undefined;
  #failingSince: { readonly at: number; readonly time: string } | undefined;
  #hasPolled = false;

  /** `botId`: undefined for the default bot. */
  constructor(clock: Clock, botId?: string) {
    this.#clock = clock;
    this.#botId = botId;
  }

  succeeded(): void {
    this.#hasPolled = true;
    this.#failingSince = undefined;
  }

  /** Returns what the failure means, where it is a known one. */
  failed(error: unknown): Explanation | undefined {
    const at = this.#clock.monotonicMs();
    const message = errorWithCauses(error, MESSAGE_CHARACTERS);
    const explanation = explainError({ code: errorCode(error), message }, 'getUpdates');
    this.#last = { message, explanation, at };
    this.#failingSince ??= { at, time: new Date(this.#clock.now()).toISOString() };
    return explanation;
  }

  finding(): Finding {
    const botId = this.#botId;
    const check = botId === undefined ? 'polling' : `polling ${botId}`;
    const ofBot = botId === undefined ? '' : ` of the bot ${botId}`;
    const now = this.#clock.monotonicMs();
    const last = this.#last;
    const isFailing = this.#failingSince !== undefined;
    const mustAct = last?.explanation?.kind === 'administrator' && (isFailing || now - last.at < CONFLICT_SHOWS_MS);
    if (last === undefined || (!isFailing && !mustAct)) {
      return this.#hasPolled
        ? { check, state: 'ok', meaning: `Telegram is asked for updates${ofBot}, and answers` }
        : { check, state: 'unknown', meaning: `Telegram has not been asked for updates${ofBot} yet` };
    }
    const isLong = this.#failingSince !== undefined && now - this.#failingSince.at >= PASSING_MS;
    const since = this.#failingSince === undefined ? 'now and then' : `since ${this.#failingSince.time}`;
    const { message, explanation } = last;
    return {
      check,
      state: mustAct || isLong ? 'failing' : 'warning',
      meaning: `Updates${ofBot} cannot be taken ${since}, so joins are not seen: ${explanation === undefined ? '' : `${explanation.meaning} `}("${message}")`,
      advice: `${explanation?.advice === undefined ? 'The log of join-tracker says more' : explanation.advice}. Telegram keeps updates for 24 hours`,
    };
  }
}
