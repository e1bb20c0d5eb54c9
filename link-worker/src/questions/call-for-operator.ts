import { NO_ATTEMPTS } from '@paid-community/shared/model/operations/attempts.ts';
import { explainError, type OutsideError } from '@paid-community/shared/outside-errors/explain-error.ts';
import type { CallKind } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { Bots } from '../bots/bots.ts';
import type { ServingBot } from '../bots/serving-bot.ts';
import type { AskedTurn } from '../bots/throttle.ts';
import { makeCall, type Call } from '../calls/make-call.ts';
import { QuestionRefused } from './answer-question.ts';

/** An operator waits for the answer: a call whose turn is further away is refused with the time of its turn. */
const WAITS_AT_MOST_MS = 10_000;
const MOST_DEFERRALS = 3;

/** No call was made: the question comes back at the time of its turn. */
export class QuestionDeferred extends Error {
  readonly notBefore: Date;

  constructor(notBefore: Date) {
    super('The call has no turn yet');
    this.notBefore = notBefore;
  }
}

export interface OperatorCallDeps {
  readonly bots: Pick<Bots, 'soonest' | 'maker' | 'throttle'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export type OperatorCall<Result> = Pick<Call<Result>, 'method' | 'make' | 'alreadyDone'> & {
  readonly kind: CallKind;
  readonly turn: Pick<AskedTurn, 'communityId' | 'callClass' | 'chatId'>;
  /** For the line in the log. */
  readonly askId: string;
};

/**
 * Makes the call of a question, once: an operator decides whether it is made again.
 * @throws QuestionRefused with what to do; QuestionDeferred; RetryableError when the store of the turns does not answer
 */
export async function callForOperator<Result>(
  call: OperatorCall<Result>,
  { bot }: ServingBot,
  deferrals: number,
  { bots, clock, log }: OperatorCallDeps,
): Promise<Result> {
  const { method, kind, turn, make, alreadyDone, askId } = call;
  const { botId } = bot;
  const outcome = await makeCall<Result>(
    {
      method,
      make,
      alreadyDone,
      attempts: NO_ATTEMPTS,
      line: {
        message: 'operator call',
        fields: { askId, communityId: turn.communityId, botId, method, deferrals },
        done: () => ({ outcome: 'done' }),
      },
    },
    // An operator waits, and is the first of the community.
    {
      turns: bots.throttle.turns(botId, kind, { ...turn, since: 0 }),
      limits: { maxAttempts: 1, baseBackoffMs: 0 },
      clock,
      log,
    },
  );
  switch (outcome.kind) {
    case 'done':
      return outcome.result;
    case 'put_back':
      throw notYet(outcome.notBefore, botId, deferrals, clock);
    case 'retry_at':
    case 'given_up':
      throw refusalOf(outcome.attempts.failures.at(-1), method);
  }
}

function notYet(notBefore: Date, botId: string, deferrals: number, clock: Clock): Error {
  if (notBefore.getTime() - clock.now() <= WAITS_AT_MOST_MS && deferrals < MOST_DEFERRALS)
    return new QuestionDeferred(notBefore);
  return new QuestionRefused(
    'no_turn',
    `The bot ${botId} makes no such call before ${notBefore.toISOString()}: Telegram ordered a pause, or other calls are before it. Ask again then`,
  );
}

function refusalOf(failure: OutsideError | undefined, method: string): QuestionRefused {
  const { code, message } = failure ?? { code: 'unknown', message: 'The call failed' };
  const { meaning = 'The call failed', advice = 'Ask again' } = explainError({ code, message }, method) ?? {};
  return new QuestionRefused(code, `${meaning}. ${advice}. (${message})`);
}
