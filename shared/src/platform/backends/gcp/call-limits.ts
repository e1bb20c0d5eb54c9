import pTimeout from 'p-timeout';
import { RetryableError } from '../../ports/errors.ts';

// How long a call to Google may take. The SDKs' own defaults are 60 s for one attempt and 600 s with repeats: longer
// than every ack and dispatch deadline, so that the message would be at work twice. topology.ts counts with them.

/**
 * One call with its repeats. A healthy call takes 5 to 50 ms; 5 s let a broken connection be noticed and made anew, and
 * leave a handler of several calls under its deadline.
 */
export const CALL_DEADLINE_MS = 5_000;

/**
 * The deadline holds for what the SDKs do around a call too, such as fetching a token; a call that says itself why it
 * failed goes first.
 */
const RACE_MARGIN_MS = 500;

/** After this time the caller hears of its call in any case. */
export const LONGEST_CALL_MS = CALL_DEADLINE_MS + RACE_MARGIN_MS;

const UNAVAILABLE = 14;

/**
 * A broken connection is made anew in well under a second; what fails for longer is an outage, and for the caller to
 * repeat.
 */
const REPEAT_FOR_MS = 2_000;

/** Repeats on a broken connection only: everything else is for the caller's queue or subscription to repeat. */
const backoffSettings = {
  initialRetryDelayMillis: 100,
  retryDelayMultiplier: 3,
  maxRetryDelayMillis: 1_000,
  initialRpcTimeoutMillis: CALL_DEADLINE_MS,
  rpcTimeoutMultiplier: 1,
  maxRpcTimeoutMillis: CALL_DEADLINE_MS,
  totalTimeoutMillis: REPEAT_FOR_MS,
};

/** For each call of a generated client. A new object each time: the SDK writes into it. */
export function callOptions(): {
  timeout: number;
  retry: { retryCodes: number[]; backoffSettings: typeof backoffSettings };
} {
  return { timeout: CALL_DEADLINE_MS, retry: { retryCodes: [UNAVAILABLE], backoffSettings: { ...backoffSettings } } };
}

/** @throws RetryableError when `work` takes longer than any call may; it may have happened all the same. */
export function withinDeadline<T>(what: string, work: Promise<T>): Promise<T> {
  return pTimeout(work, {
    milliseconds: LONGEST_CALL_MS,
    fallback: () => {
      throw new RetryableError('deadline_exceeded', `${what} did not answer within ${LONGEST_CALL_MS} ms`);
    },
  });
}
