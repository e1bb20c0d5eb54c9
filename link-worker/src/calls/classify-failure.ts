import { errorCode, errorWithCauses } from '@paid-community/shared/platform/ports/errors.ts';
import { explainError, type Explanation } from '@paid-community/shared/outside-errors/explain-error.ts';
import { orderedPauseMs } from '@paid-community/shared/telegram/errors.ts';

/**
 * What a failed call means, by the table of known errors. These words are outcomes in logs and metrics.
 * needs_administrator = nothing works until somebody mends the bot or the chat; needs_user = only the person concerned
 * can mend it; refused = this call can never succeed; unknown = in no row of the table, and tried again like what is
 * transient.
 */
export type FailureKind = 'needs_administrator' | 'needs_user' | 'refused' | 'transient' | 'unknown';

export type CallFailure =
  /** Telegram ordered a pause of the bot. It is nobody's fault, and no attempt is used. */
  { readonly kind: 'told_to_wait'; readonly pauseMs: number } | FailedCall;

export interface FailedCall {
  /** already_done = what was asked for is so already. */
  readonly kind: FailureKind | 'already_done';
  readonly advice: string | undefined;
}

/** The words that tell one error from another stand at its beginning. */
const WORDS_CHARACTERS = 1_000;

/** `method`: of the Bot API. The same words can mean something else as the answer to another method. */
export function classifyCallFailure(error: unknown, method: string): CallFailure {
  const pauseMs = orderedPauseMs(error);
  if (pauseMs > 0) return { kind: 'told_to_wait', pauseMs };
  const explanation = explainError(
    { code: errorCode(error), message: errorWithCauses(error, WORDS_CHARACTERS) },
    method,
  );
  return { kind: kindOf(explanation), advice: explanation?.advice };
}

function kindOf(explanation: Explanation | undefined): FailedCall['kind'] {
  if (explanation === undefined) return 'transient';
  if (!explanation.known) return 'unknown';
  switch (explanation.kind) {
    case 'administrator':
      return 'needs_administrator';
    case 'user':
      return 'needs_user';
    case 'final':
      return 'refused';
    case 'done':
      return 'already_done';
    case 'wait':
    case 'again':
      return 'transient';
  }
}
