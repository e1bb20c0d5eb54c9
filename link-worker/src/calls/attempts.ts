import {
  ATTEMPT_MESSAGE_CHARACTERS,
  withFailure,
  type Attempts,
  type FailedAttempt,
} from '@paid-community/shared/model/operations/attempts.ts';
import { exponentialBackoffMs } from '@paid-community/shared/platform/delivery/backoff.ts';
import { errorCode, errorWithCauses, PermanentError } from '@paid-community/shared/platform/ports/errors.ts';

export interface AttemptLimits {
  /** The attempt of this number is the last one. */
  readonly maxAttempts: number;
  /** The backoff after the first failure. It doubles with each further one, up to an hour. */
  readonly baseBackoffMs: number;
}

const MAX_BACKOFF_MS = 3_600_000;

/** One more call was made and failed. `isFinal`: the same call can never succeed. */
export function afterFailure(
  attempts: Attempts,
  { error, isFinal, now }: { readonly error: unknown; readonly isFinal: boolean; readonly now: number },
  limits: AttemptLimits,
): Attempts {
  const failure: FailedAttempt = {
    at: new Date(now).toISOString(),
    code: errorCode(error),
    message: errorWithCauses(error, ATTEMPT_MESSAGE_CHARACTERS),
  };
  const made = attempts.made + 1;
  const isLast = isFinal || made >= limits.maxAttempts;
  return withFailure(attempts, failure, isLast ? undefined : now + backoffMs(made, limits));
}

/** For the dead letters: no attempt is left. */
export function attemptsExhausted(made: number, lastMessage = 'unknown'): PermanentError {
  return new PermanentError('attempts_exhausted', `${made} attempts failed, the last with: ${lastMessage}`);
}

/**
 * How long the next attempt still has to wait. Never longer than its backoff: the clock may have been set back since
 * the time was stored.
 */
export function remainingWaitMs({ made, nextAt }: Attempts, now: number, limits: AttemptLimits): number {
  if (nextAt === undefined) return 0;
  return Math.min(Math.max(0, nextAt - now), backoffMs(Math.max(1, made), limits));
}

/** After so many failures in a row. */
export function backoffMs(failedAttempts: number, { baseBackoffMs }: AttemptLimits): number {
  return exponentialBackoffMs(failedAttempts, baseBackoffMs, MAX_BACKOFF_MS);
}
