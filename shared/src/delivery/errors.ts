/**
 * How a failed handler says what should happen next. Anything else that is thrown counts as retryable: an unknown
 * error must never cost a purchase.
 */
abstract class CodedError extends Error {
  /** Stable, snake_case; for logs, dead letters and tests. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Trying again cannot help: the message belongs with the dead letters. */
export class PermanentError extends CodedError {}

/** Trying again later may help: an outside system was unreachable, busy, or did not confirm. */
export class RetryableError extends CodedError {}

/** A conditional write lost: the document exists already, changed, or is gone. */
export class ConflictError extends CodedError {
  constructor(message: string, options?: ErrorOptions) {
    super('conflict', message, options);
  }
}

/** The code of an error, for a log line or a dead letter. */
export function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'unexpected_error';
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : 'A value that is not an Error was thrown';
}
