import { ConflictError, PermanentError } from '@paid-community/shared/platform/delivery/errors.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';

/** What bus and queue refuse, in the words of HTTP: the arguments of an operator are to blame, not a message. */
export async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConflictError) throw new HttpError('conflict', error.message);
    if (error instanceof PermanentError)
      throw new HttpError(error.code.startsWith('unknown_') ? 'not_found' : 'invalid_request', error.message);
    throw error;
  }
}
