import type { Issue } from '../validation/validator.ts';

/** The error codes of the HTTP contract, each with its status: the only place that pairs them. */
export const statusOfCode = {
  invalid_request: 400,
  unauthorized: 401,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  headers_too_large: 431,
  internal_error: 500,
  unavailable: 503,
} as const;

export type HttpErrorCode = keyof typeof statusOfCode;

/** An answer that is not a success. Its message is shown to the caller: no secret, and no echo of what was sent. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpErrorCode;
  readonly issues: readonly Issue[];

  constructor(code: HttpErrorCode, message: string, issues: readonly Issue[] = []) {
    super(message);
    this.code = code;
    this.issues = issues;
  }
}

/** The body of such an answer: the one form that every refusal has. */
export function refusalBody({ code, message, issues }: Pick<HttpError, 'code' | 'message' | 'issues'>): object {
  return { ok: false, error: { code, message, ...(issues.length === 0 ? {} : { issues }) } };
}
