import { PermanentError, RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { explainError } from '@paid-community/shared/outside-errors/explain-error.ts';
import type { WebEngageAnswer } from './answer.ts';

/** No answer arrived, or none that can be read; WebEngage may have taken the event all the same. */
export class WebEngageCallError extends RetryableError {
  /** To be repeated at once: the fault was one of the connection. */
  readonly isBrief: boolean;

  constructor(
    code: 'webengage_unreachable' | 'webengage_unreadable',
    message: string,
    { isBrief, ...options }: ErrorOptions & { readonly isBrief: boolean },
  ) {
    super(code, message, options);
    this.isBrief = isBrief;
  }
}

/**
 * The table of known errors says which errors are final. Every other error passes by itself, or when somebody mends the
 * key, the licence or the data centre. Until then every event fails alike, and all wait in the subscription.
 */
export function errorOfAnswer(
  { status, body }: WebEngageAnswer,
  about: 'events' | 'users' = 'events',
): RetryableError | PermanentError {
  const code = `webengage_${status}`;
  const what = about === 'users' ? ' to the attributes of a user' : '';
  const message = `WebEngage answered ${status}${what}: ${body}`;
  return explainError({ code, message })?.kind === 'final'
    ? new PermanentError(code, message)
    : new RetryableError(code, message);
}
