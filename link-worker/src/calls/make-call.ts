import { withSuccess, type Attempts } from '@paid-community/shared/model/operations/attempts.ts';
import type { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { PlaceInLine } from '../bots/turns/community-lines.ts';
import { afterFailure, attemptsExhausted, type AttemptLimits } from './attempts.ts';
import { classifyCallFailure, type FailedCall, type FailureKind } from './classify-failure.ts';

/** One call of the Bot API that a piece of work needs. */
export interface Call<Result> {
  /** By which the table of known errors tells what an answer means. */
  readonly method: string;
  /** @throws TelegramApiError, TelegramCallError; anything else that it throws counts as a failure that passes. */
  readonly make: () => Promise<Result>;
  /** The result when Telegram says that it is so already. Absent: such an answer is a failure that passes. */
  readonly alreadyDone?: (() => Result) | undefined;
  /** True: what only the person can mend is given up at once, so that the person can be told. False: it is tried again. */
  readonly isAboutPerson?: boolean;
  /** Those of the work so far. */
  readonly attempts: Attempts;
  readonly line: CallLine<Result>;
}

/** What the log says of the call, besides its attempt, its duration and its outcome. */
export interface CallLine<Result> {
  readonly message: string;
  readonly fields: object;
  readonly done: (result: Result) => { readonly outcome: string };
}

/** What became of the call. The caller stores `attempts` and queues the task of what follows. */
export type CallOutcome<Result> =
  | { readonly kind: 'done'; readonly result: Result; readonly attempts: Attempts }
  | PutBack
  /** The call failed. The next attempt is due at `attempts.nextAt`. */
  | { readonly kind: 'retry_at'; readonly because: FailureKind; readonly attempts: Attempts }
  /** The call failed, and it was the last attempt. `error` is for the dead letters. */
  | {
      readonly kind: 'given_up';
      readonly because: FailureKind;
      readonly attempts: Attempts;
      readonly error: PermanentError;
    };

/** No call that counts was made: the same attempt again at `notBefore`, the time of its turn. */
export interface PutBack {
  readonly kind: 'put_back';
  readonly because: 'no_turn' | 'told_to_wait';
  readonly notBefore: Date;
  /** The task comes back with it. */
  readonly line?: PlaceInLine | undefined;
}

/** No result: put back, to be tried again, or given up. */
export type Unmade = Exclude<CallOutcome<never>, { readonly kind: 'done' }>;

/** Leave to make one call now. Not granted: make none, and come back at `notBefore`, with `line`. */
export type Turn =
  | { readonly granted: true }
  | { readonly granted: false; readonly notBefore: Date; readonly line?: PlaceInLine | undefined };

/** The turns of one bot for one kind of call. */
export interface Turns {
  turn(): Promise<Turn>;
  accepted(calledAtMs: number): void;
  refused(calledAtMs: number, pauseMs: number): Promise<Date>;
  /** After each call that had its turn: it is not under way any more. */
  over(): void;
}

export interface CallDeps {
  readonly turns: Turns;
  readonly limits: AttemptLimits;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Makes one call to Telegram at most, when it is its turn, and returns what follows. Each call that is made has one
 * line in the log.
 * @throws RetryableError when the store of the turns does not answer. A pause that was ordered is kept by this process
 * all the same.
 */
export async function makeCall<Result>(call: Call<Result>, deps: CallDeps): Promise<CallOutcome<Result>> {
  return inTurn(() => madeCall(call, deps), deps);
}

/** No call was made. */
export interface Refrained<Instead> {
  readonly kind: 'refrained';
  readonly instead: Instead;
}

/**
 * As makeCall, but decides at the last moment which call is made, or what is done instead: a turn may be waited for.
 * @throws as makeCall and as `decide`
 */
export async function makeDecidedCall<Result, Instead>(
  decide: () => Promise<{ readonly call: Call<Result> } | { readonly instead: Instead }>,
  deps: CallDeps,
): Promise<CallOutcome<Result> | Refrained<Instead>> {
  return inTurn<CallOutcome<Result> | Refrained<Instead>>(async () => {
    const decided = await decide();
    return 'call' in decided ? madeCall(decided.call, deps) : { kind: 'refrained', instead: decided.instead };
  }, deps);
}

async function inTurn<Outcome>(
  work: () => Promise<Outcome>,
  { turns }: Pick<CallDeps, 'turns'>,
): Promise<Outcome | PutBack> {
  const turn = await turns.turn();
  if (!turn.granted) return { kind: 'put_back', because: 'no_turn', notBefore: turn.notBefore, line: turn.line };
  try {
    return await work();
  } finally {
    turns.over();
  }
}

async function madeCall<Result>(call: Call<Result>, deps: CallDeps): Promise<CallOutcome<Result>> {
  const startedAtMs = deps.clock.monotonicMs();
  let result: Result;
  try {
    result = await call.make();
  } catch (error) {
    return afterError(call, startedAtMs, error, deps);
  }
  return afterAnswer(call, startedAtMs, result, deps);
}

function afterAnswer<Result>(
  call: Call<Result>,
  startedAtMs: number,
  result: Result,
  deps: CallDeps,
): CallOutcome<Result> {
  deps.turns.accepted(startedAtMs);
  deps.log.info({ ...fieldsOf(call, startedAtMs, deps), ...call.line.done(result) }, call.line.message);
  return { kind: 'done', result, attempts: withSuccess(call.attempts) };
}

async function afterError<Result>(
  call: Call<Result>,
  startedAtMs: number,
  error: unknown,
  deps: CallDeps,
): Promise<CallOutcome<Result>> {
  const failure = classifyCallFailure(error, call.method);
  const fields = fieldsOf(call, startedAtMs, deps);
  if (failure.kind === 'told_to_wait') {
    const { pauseMs } = failure;
    deps.log.warn({ ...fields, outcome: 'told_to_wait', retryAfterSeconds: pauseMs / 1_000 }, call.line.message);
    return { kind: 'put_back', because: 'told_to_wait', notBefore: await deps.turns.refused(startedAtMs, pauseMs) };
  }
  if (failure.kind === 'already_done' && call.alreadyDone !== undefined)
    return afterAnswer(call, startedAtMs, call.alreadyDone(), deps);

  const because = meaningFor(call, failure.kind);
  const isPassing = because === 'transient' || because === 'needs_user';
  deps.log[isPassing ? 'warn' : 'error'](
    { ...fields, outcome: because, hint: failure.advice, error },
    call.line.message,
  );
  return afterFailedCall(call.attempts, because, error, deps);
}

/** No call can be made until an administrator has mended what `error` says: it counts as an attempt that failed. */
export function notCalled(
  { attempts, line }: { readonly attempts: Attempts; readonly line: Pick<CallLine<never>, 'message' | 'fields'> },
  error: Error,
  deps: Omit<CallDeps, 'turns'>,
): Unmade {
  const because = 'needs_administrator';
  deps.log.error({ ...line.fields, attempt: attempts.made + 1, outcome: because, error }, line.message);
  return afterFailedCall(attempts, because, error, deps);
}

function afterFailedCall(
  before: Attempts,
  because: FailureKind,
  error: unknown,
  { clock, limits }: Pick<CallDeps, 'clock' | 'limits'>,
): Unmade {
  const isFinal = because === 'refused' || because === 'needs_user';
  const attempts = afterFailure(before, { error, isFinal, now: clock.now() }, limits);
  if (attempts.nextAt !== undefined) return { kind: 'retry_at', because, attempts };
  const lastError = attemptsExhausted(attempts.made, attempts.failures.at(-1)?.message);
  return { kind: 'given_up', because, attempts, error: lastError };
}

/** Where nothing is done already, and nobody is concerned, the next attempt may get another answer. */
function meaningFor<Result>({ isAboutPerson = false }: Call<Result>, kind: FailedCall['kind']): FailureKind {
  if (kind === 'already_done') return 'transient';
  return kind === 'needs_user' && !isAboutPerson ? 'transient' : kind;
}

function fieldsOf<Result>({ attempts, line }: Call<Result>, startedAtMs: number, { clock }: CallDeps): object {
  return { ...line.fields, attempt: attempts.made + 1, durationMs: Math.round(clock.monotonicMs() - startedAtMs) };
}
