import { describe, expect, test } from '@jest/globals';
import { ConflictError, PermanentError, RetryableError } from '../../ports/errors.ts';
import { toPortError } from './port-error.ts';

function grpcError(code: number, message = 'said Google'): Error {
  return Object.assign(new Error(message), { code });
}

describe('what an error of Google means', () => {
  test.each([
    ['cancelled', 1],
    ['unknown', 2],
    ['deadline_exceeded', 4],
    ['not_found', 5],
    ['already_exists', 6],
    ['permission_denied', 7],
    ['resource_exhausted', 8],
    ['failed_precondition', 9],
    ['aborted', 10],
    ['unimplemented', 12],
    ['internal', 13],
    ['unavailable', 14],
    ['data_loss', 15],
    ['unauthenticated', 16],
  ])('%s may pass, or be mended', (name, code) => {
    const error = toPortError('Publishing', grpcError(code));
    expect(error).toBeInstanceOf(RetryableError);
    expect(error).toMatchObject({ code: `google_cloud_${name}`, message: 'Publishing failed: said Google' });
  });

  test.each([3, 11])('a request that is wrong in itself (%d) stays wrong', (code) => {
    expect(toPortError('Publishing', grpcError(code))).toBeInstanceOf(PermanentError);
    expect(toPortError('Writing', grpcError(code), 'commit')).toBeInstanceOf(PermanentError);
  });

  test.each([5, 6, 9])('a commit whose condition failed (%d) is a conflict', (code) => {
    expect(toPortError('Writing', grpcError(code), 'commit')).toBeInstanceOf(ConflictError);
  });

  test('contention is no conflict: nothing was written, and the same commit may succeed', () => {
    expect(toPortError('Writing', grpcError(10), 'commit')).toBeInstanceOf(RetryableError);
  });

  test('what did not come over gRPC is retryable, and long messages are cut', () => {
    for (const error of [
      new Error('getaddrinfo'),
      Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      'text',
      undefined,
    ]) {
      expect(toPortError('Reading', error)).toMatchObject({ name: 'RetryableError', code: 'google_cloud_unreachable' });
    }
    expect(toPortError('Reading', grpcError(14, 'again '.repeat(1_000))).message.length).toBeLessThan(500);
  });

  test('an error of ours goes through as it is', () => {
    const error = new PermanentError('invalid_cursor', 'no');
    expect(toPortError('Querying', error)).toBe(error);
  });
});
