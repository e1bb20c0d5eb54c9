import {
  ConflictError,
  InvalidArgumentError,
  PermanentError,
  RetryableError,
  errorMessage,
} from '../../ports/errors.ts';

/** https://grpc.io/docs/guides/status-codes/, in the order of their numbers. */
const STATUS_NAMES = [
  'ok',
  'cancelled',
  'unknown',
  'invalid_argument',
  'deadline_exceeded',
  'not_found',
  'already_exists',
  'permission_denied',
  'resource_exhausted',
  'failed_precondition',
  'aborted',
  'out_of_range',
  'unimplemented',
  'internal',
  'unavailable',
  'data_loss',
  'unauthenticated',
] as const;

type StatusName = (typeof STATUS_NAMES)[number];

const FAILED_PRECONDITIONS: ReadonlySet<StatusName> = new Set<StatusName>([
  'already_exists',
  'not_found',
  'failed_precondition',
]);
const FAULTS_OF_THE_REQUEST: ReadonlySet<StatusName> = new Set<StatusName>(['invalid_argument', 'out_of_range']);

/** With the repeats of a call, the SDK repeats their messages too: one was seen with 6,000 characters. */
const MAX_MESSAGE_CHARACTERS = 400;

/**
 * The one place that says what an error of Google's SDKs means. `commit` is the only call whose preconditions can fail.
 *
 * Retryable is everything that somebody or time can mend: an outage, a quota, but also a missing role, topic, queue or
 * index (permission_denied, not_found, failed_precondition), because a purchase must outlive a wrong deployment.
 */
export function toPortError(
  what: string,
  error: unknown,
  call: 'commit' | 'other' = 'other',
): PermanentError | RetryableError | ConflictError {
  if (error instanceof PermanentError || error instanceof RetryableError || error instanceof ConflictError)
    return error;
  const cause = new Error(errorMessage(error).slice(0, MAX_MESSAGE_CHARACTERS));
  const message = `${what} failed: ${cause.message}`;
  const status = statusOf(error);
  if (status === undefined) return new RetryableError('google_cloud_unreachable', message, { cause });
  if (call === 'commit' && FAILED_PRECONDITIONS.has(status)) {
    return new ConflictError(
      'A document to create exists already, or one to update has changed or is gone since it was read',
      { cause },
    );
  }
  if (FAULTS_OF_THE_REQUEST.has(status)) return new InvalidArgumentError(`google_cloud_${status}`, message, { cause });
  return new RetryableError(`google_cloud_${status}`, message, { cause });
}

/** Undefined for an error that did not come over gRPC. */
export function statusOf(error: unknown): StatusName | undefined {
  // Not instanceof Error: under jest, errors of the SDK may come from another realm.
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'number')
    return undefined;
  return STATUS_NAMES[error.code];
}
