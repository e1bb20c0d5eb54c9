import {
  AlreadyExistsError,
  InvalidArgumentError,
  NotFoundError,
} from '@paid-community/shared/platform/ports/errors.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { InvalidCursorError } from '@paid-community/shared/platform/validation/cursor.ts';

/** What a port refuses of the arguments that it was given, in the words of HTTP; any other error as it is. */
export function refusePortError(error: unknown): unknown {
  if (error instanceof InvalidCursorError) {
    const issues = [{ path: '/cursor', message: 'must be the nextCursor of an earlier page' }];
    return new HttpError('invalid_request', error.message, issues);
  }
  if (error instanceof InvalidArgumentError) return new HttpError('invalid_request', error.message);
  if (error instanceof NotFoundError) return new HttpError('not_found', error.message);
  if (error instanceof AlreadyExistsError) return new HttpError('conflict', error.message);
  return error;
}
