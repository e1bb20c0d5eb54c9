import { PermanentError, RetryableError } from '@paid-community/shared/delivery/errors.ts';
import type { WebEngageAnswer } from './client.ts';

/** No answer arrived; WebEngage may have taken the event all the same. */
export class WebEngageCallError extends RetryableError {
  readonly timedOut: boolean;

  constructor(message: string, timedOut: boolean) {
    super('webengage_unreachable', message);
    this.timedOut = timedOut;
  }
}

/**
 * Of all that is wrong with an answer, these pass by themselves, or as soon as somebody mends the key, the licence or the
 * data centre. Until then every event fails alike, and waiting in the subscription keeps them in one piece.
 */
const MENDABLE = new Set([401, 403, 404, 408, 429]);

export function errorOfAnswer({ status, body }: WebEngageAnswer): RetryableError | PermanentError {
  const message = `WebEngage answered ${status}: ${body}`;
  return MENDABLE.has(status) || status >= 500
    ? new RetryableError(`webengage_${status}`, message)
    : new PermanentError(`webengage_${status}`, message);
}
