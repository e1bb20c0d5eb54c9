import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Issue } from '@paid-community/shared/platform/validation/validator.ts';

export const INVALID_ARGUMENTS = 'The arguments are not valid';

/** For what the schema of an operation cannot say: refused as what it can say. */
export function invalidArguments(...issues: readonly Issue[]): HttpError {
  return new HttpError('invalid_request', INVALID_ARGUMENTS, issues);
}
