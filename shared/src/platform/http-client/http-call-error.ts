/**
 * No usable answer came. `never_connected`: the other side cannot have seen the request. Otherwise it may have done
 * what was asked: `timed_out` = the answer was not whole at the deadline, or the caller gave up; `broken_off` = the
 * connection ended; `unreadable` = an answer that is too large, is not UTF-8, or is encoded in a way that nobody asked
 * for.
 */
export type CallFault = 'never_connected' | 'timed_out' | 'broken_off' | 'unreadable';

/** Says why there is no answer, and nothing of the request. */
export class HttpCallError extends Error {
  override readonly name = 'HttpCallError';
  /** Node's, or that of the limit: ANSWER_TOO_LARGE, ANSWER_NOT_UTF8, ANSWER_ENCODING. */
  readonly code: string;
  readonly fault: CallFault;

  constructor(fault: CallFault, code: string, message: string) {
    super(message);
    this.code = code;
    this.fault = fault;
  }
}
