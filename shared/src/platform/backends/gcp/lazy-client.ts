import pTimeout from 'p-timeout';
import { ConflictError, PermanentError, RetryableError } from '../../ports/errors.ts';
import { withinDeadline } from './call-limits.ts';
import { statusOf, toPortError } from './port-error.ts';

/** Under the second that a stop has left after its handlers (see start-services.ts). */
const CLOSE_PATIENCE_MS = 800;

/** A client, and what is known of the connection below it. */
interface Opened<Client> {
  readonly client: Promise<Client>;
  readonly underWay: Set<Promise<unknown>>;
  /** Calls that the other end has answered, also with an error. */
  answers: number;
}

/**
 * A client that is imported and made when it is first used. A process loads only the SDKs that it calls: each takes
 * some 300 ms and 40 MB. One that answers nothing for the whole time of a call is replaced: its connection may be dead
 * for long without knowing it.
 */
export class LazyClient<Client> {
  readonly #open: () => Promise<Client>;
  readonly #shut: (client: Client) => Promise<unknown>;
  #opened: Opened<Client> | undefined;

  constructor(open: () => Promise<Client>, shut: (client: Client) => Promise<unknown>) {
    this.#open = open;
    this.#shut = shut;
  }

  /**
   * Makes a call that has an end: after LONGEST_CALL_MS at the latest, also of what the SDK does around it, such as
   * fetching a token. Importing the SDK, before the first call, does not count. `what` names it in errors; `commit` is
   * for the one whose preconditions can fail.
   * @throws RetryableError, PermanentError, ConflictError as toPortError
   */
  async call<T>(what: string, call: (client: Client) => Promise<T>, kind: 'commit' | 'other' = 'other'): Promise<T> {
    const opened = (this.#opened ??= { client: this.#open(), underWay: new Set(), answers: 0 });
    const answersBefore = opened.answers;
    const work = opened.client.then(call);
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    opened.underWay.add(settled);
    void settled.then(() => opened.underWay.delete(settled));
    try {
      await opened.client;
      const answer = await withinDeadline(what, work);
      opened.answers += 1;
      return answer;
    } catch (error) {
      if (isAnswer(error)) opened.answers += 1;
      // The SDKs keep a failed start (no credentials, say) for ever; the next call begins anew.
      if (!isPortError(error) && statusOf(error) === undefined) this.#forget(opened);
      if (isTooLate(error) && opened.answers === answersBefore) this.#replace(opened);
      throw toPortError(what, error, kind);
    }
  }

  /**
   * Lets go of its connections, if it was ever made. With a call that nobody answers it only stops waiting: Firestore's
   * client would wait for that call and then fail where nobody can catch it. The end of the process cuts its
   * connection.
   */
  async close(): Promise<void> {
    const opened = this.#opened;
    const client = await opened?.client.catch(() => undefined);
    if (opened === undefined || client === undefined) return;
    await pTimeout(Promise.all(opened.underWay), { milliseconds: CLOSE_PATIENCE_MS, fallback: () => undefined });
    if (opened.underWay.size === 0) await this.#shut(client);
  }

  #forget(opened: Opened<Client>): void {
    if (this.#opened === opened) this.#opened = undefined;
  }

  /**
   * The next call opens a new one. The old one is let go of when its last call has ended; what becomes of it then
   * concerns nobody.
   */
  #replace(opened: Opened<Client>): void {
    if (this.#opened !== opened) return;
    this.#opened = undefined;
    void Promise.all(opened.underWay)
      .then(() => opened.client)
      .then((client) => this.#shut(client))
      .catch(() => undefined);
  }
}

/** The other end said so: anything but silence, and a connection that could not be made. */
function isAnswer(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && status !== 'deadline_exceeded' && status !== 'unavailable' && status !== 'cancelled';
}

function isTooLate(error: unknown): boolean {
  return (
    statusOf(error) === 'deadline_exceeded' || (error instanceof RetryableError && error.code === 'deadline_exceeded')
  );
}

function isPortError(error: unknown): boolean {
  return error instanceof RetryableError || error instanceof PermanentError || error instanceof ConflictError;
}
