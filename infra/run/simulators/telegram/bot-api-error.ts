import type { Answer } from '../http/exchange.ts';

/** A refusal in the Bot API's form. */
export class BotApiError extends Error {
  readonly status: number;
  readonly description: string;
  readonly parameters: object | undefined;

  constructor(status: number, description: string, parameters?: object) {
    super(description);
    this.status = status;
    this.description = description;
    this.parameters = parameters;
  }
}

export const badRequest = (problem: string): BotApiError => new BotApiError(400, `Bad Request: ${problem}`);
export const forbidden = (problem: string): BotApiError => new BotApiError(403, `Forbidden: ${problem}`);
export const conflict = (problem: string): BotApiError => new BotApiError(409, `Conflict: ${problem}`);

export function errorAnswer(error: BotApiError): Answer {
  const { status, description, parameters } = error;
  return {
    status,
    body: { ok: false, error_code: status, description, ...(parameters === undefined ? {} : { parameters }) },
  };
}

/**
 * 429 says the wait twice: in the body and as a header [tba]. Undefined says it nowhere; a string is passed on as it
 * is.
 */
export function tooManyRequestsAnswer(retryAfter: number | string | undefined): Answer {
  const description =
    retryAfter === undefined ? 'Too Many Requests' : `Too Many Requests: retry after ${String(retryAfter)}`;
  return {
    status: 429,
    body: {
      ok: false,
      error_code: 429,
      description,
      ...(retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } }),
    },
    ...(retryAfter === undefined ? {} : { headers: { 'retry-after': String(retryAfter) } }),
  };
}
