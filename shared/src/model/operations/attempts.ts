/** What the outside calls for one piece of work have come to so far. Its document stores it, in its own form. */
export interface Attempts {
  /** Calls that were made and counted. One that was answered with a pause is not. */
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
  /** At most ATTEMPT_MESSAGE_CHARACTERS: what the other side says has no bound of its own. */
  readonly message: string;
}

export const NO_ATTEMPTS: Attempts = { made: 0, failures: [], nextAt: undefined };

export const ATTEMPT_HISTORY = 10;
export const ATTEMPT_MESSAGE_CHARACTERS = 300;

/** One more call was made, and it did what was asked. */
export function withSuccess({ made, failures }: Attempts): Attempts {
  return { made: made + 1, failures, nextAt: undefined };
}

/** One more call was made and failed. `nextAt` undefined: it was the last one. */
export function withFailure(
  { made, failures }: Attempts,
  failure: FailedAttempt,
  nextAt: number | undefined,
): Attempts {
  return { made: made + 1, failures: [...failures, failure].slice(-ATTEMPT_HISTORY), nextAt };
}
