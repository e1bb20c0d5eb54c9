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

/**
 * A port does not take this value: an id, a name, a cursor, a path. At the HTTP edge the caller is to blame. In a
 * handler the value came with the message, so it is as permanent as the rest.
 */
export class InvalidArgumentError extends PermanentError {}

/** There is nothing of the name that was given. As permanent as an invalid argument, and for the same reason. */
export class NotFoundError extends PermanentError {}

/** Trying again later may help: an outside system was unreachable, busy, or did not confirm. */
export class RetryableError extends CodedError {}

/** A conditional write lost: the document exists already, changed, or is gone. */
export class ConflictError extends CodedError {
  constructor(message: string, options?: ErrorOptions) {
    super('conflict', message, options);
  }
}

/** What was to be made is there, or somebody is making it: the caller has to look, and a repeat cannot help. */
export class AlreadyExistsError extends ConflictError {}

/** The code of an error, for a log line or a dead letter. */
export function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'unexpected_error';
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : 'A value that is not an Error was thrown';
}

/**
 * The words of an error with those of its causes, such as "Telegram did not answer getMe: connect ECONNREFUSED
 * 127.0.0.1:443", for where an operator looks. At most `maxCharacters`, however much the other side has said.
 */
export function errorWithCauses(error: unknown, maxCharacters: number): string {
  const parts: string[] = [];
  for (
    let current = error;
    current !== undefined && parts.length < MAX_CAUSES;
    current = current instanceof Error ? current.cause : undefined
  ) {
    parts.push(withCode(current).slice(0, maxCharacters));
  }
  return parts.join(': ').slice(0, maxCharacters).toWellFormed();
}

const MAX_CAUSES = 5;

/**
 * The code of our own errors is stored beside them; one of Node's says more than its message, which may even be empty.
 */
function withCode(error: unknown): string {
  const message = errorMessage(error);
  const code = errorCode(error);
  if (!/^[A-Z][A-Z0-9_]+$/.test(code) || message.includes(code)) return message;
  return message === '' ? code : `${message} (${code})`;
}
