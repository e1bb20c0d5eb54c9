import { ConflictError, PermanentError, RetryableError, errorMessage } from '../../delivery/errors.ts';

// https://grpc.github.io/grpc/core/md_doc_statuscodes.html
export const grpcStatus = { invalidArgument: 3, notFound: 5, alreadyExists: 6, failedPrecondition: 9, aborted: 10, outOfRange: 11 } as const;

const CONFLICTS = new Set<number>([grpcStatus.notFound, grpcStatus.alreadyExists, grpcStatus.failedPrecondition]);
const FAULTS_OF_THE_REQUEST = new Set<number>([grpcStatus.invalidArgument, grpcStatus.outOfRange]);

/**
 * The one place that says what an error of Google's SDKs means. `commit` is the only call whose preconditions can fail.
 *
 * Retryable is everything that somebody or time can mend: an outage, a quota, but also a missing role, topic, queue or
 * index (PERMISSION_DENIED, NOT_FOUND, FAILED_PRECONDITION), because a purchase must outlive a wrong deployment.
 */
export function toPortError(what: string, error: unknown, call: 'commit' | 'other' = 'other'): PermanentError | RetryableError | ConflictError {
  if (error instanceof PermanentError || error instanceof RetryableError || error instanceof ConflictError) return error;
  const status = grpcStatusOf(error);
  const message = `${what} failed: ${errorMessage(error)}`;
  if (status === undefined) return new RetryableError('google_cloud_unreachable', message, { cause: error });
  if (call === 'commit' && CONFLICTS.has(status)) {
    return new ConflictError('A document to create exists already, or one to update has changed or is gone since it was read', { cause: error });
  }
  if (FAULTS_OF_THE_REQUEST.has(status)) return new PermanentError(`google_cloud_${status}`, message, { cause: error });
  return new RetryableError(`google_cloud_${status}`, message, { cause: error });
}

/** Undefined for an error that did not come over gRPC. */
export function grpcStatusOf(error: unknown): number | undefined {
  // Not instanceof Error: under jest, errors of the SDK may come from another realm.
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'number') return undefined;
  return error.code;
}
