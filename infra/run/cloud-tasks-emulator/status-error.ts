import { status } from '@grpc/grpc-js';

/** What a call is refused with. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

/** `field` is its path in the request, as the .proto file spells it. */
export function invalidArgument(field: string, problem: string): StatusError {
  return new StatusError(status.INVALID_ARGUMENT, `${field}: ${problem}`);
}
