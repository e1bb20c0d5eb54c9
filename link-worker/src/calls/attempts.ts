import { exponentialBackoffMs } from '@paid-community/shared/platform/delivery/backoff.ts';
import { errorCode, errorWithCauses, PermanentError } from '@paid-community/shared/platform/delivery/errors.ts';

/** What the calls for one piece of work have come to so far. Its document stores it, in its own form. */
export interface Attempts {
  /** Calls that were made and counted. One that Telegram answered with a pause is not. */
  readonly made: number;
  /** The failed ones, newest last, at most ATTEMPT_HISTORY. */
  readonly failures: readonly FailedAttempt[];
  /** When the next one is due, in milliseconds since the epoch; undefined = at once, or never again. */
  readonly nextAt: number | undefined;
}

export interface FailedAttempt {
  /** ISO 8601 with milliseconds, UTC. */
  readonly at: string;
  readonly code: string;
  readonly message: string;
}

export interface AttemptLimits {
  /** The attempt of this number is the last one. */
  readonly maxAttempts: number;
  /** The backoff after the first failure. It doubles with each further one, up to an hour. */
  readonly baseBackoffMs: number;
}

export const NO_ATTEMPTS: Attempts = { made: 0, failures: [], nextAt: undefined };

export const ATTEMPT_HISTORY = 10;
/** The message of a failure is cut to this: what the other side says has no bound of its own. */
export const ATTEMPT_MESSAGE_CHARACTERS = 300;

const MAX_BACKOFF_MS = 3_600_000;

/** One more call was made, and it did what was asked. */
export function afterSuccess(attempts: Attempts): Attempts {
  return { ...attempts, made: attempts.made + 1, nextAt: undefined };
}

/** One more call was made and failed. `isFinal`: the same call can never succeed. */
export function afterFailure(
  { made, failures }: Attempts,
  { error, isFinal, now }: { readonly error: unknown; readonly isFinal: boolean; readonly now: number },
  limits: AttemptLimits,
): Attempts {
  const failure: FailedAttempt = {
    at: new Date(now).toISOString(),
    code: errorCode(error),
    message: errorWithCauses(error, ATTEMPT_MESSAGE_CHARACTERS),
  };
  const isLast = isFinal || made + 1 >= limits.maxAttempts;
  return {
    made: made + 1,
    failures: [...failures, failure].slice(-ATTEMPT_HISTORY),
    nextAt: isLast ? undefined : now + backoffMs(made + 1, limits),
  };
}

/** For the dead letters: no attempt is left. */
export function attemptsExhausted({ made, failures }: Pick<Attempts, 'made' | 'failures'>): PermanentError {
  const last = failures.at(-1)?.message ?? 'unknown';
  return new PermanentError('attempts_exhausted', `${made} attempts failed, the last with: ${last}`);
}

/**
 * How long the next attempt still has to wait. Never longer than its backoff: the clock may have been set back since
 * the time was stored.
 */
export function remainingWaitMs({ made, nextAt }: Attempts, now: number, limits: AttemptLimits): number {
  if (nextAt === undefined) return 0;
  return Math.min(Math.max(0, nextAt - now), backoffMs(Math.max(1, made), limits));
}

function backoffMs(failedAttempts: number, { baseBackoffMs }: AttemptLimits): number {
  return exponentialBackoffMs(failedAttempts, baseBackoffMs, MAX_BACKOFF_MS);
}
