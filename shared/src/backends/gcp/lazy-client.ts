import { ConflictError, PermanentError, RetryableError } from '../../delivery/errors.ts';
import { withinDeadline } from './call-limits.ts';
import { statusOf, toPortError } from './port-error.ts';

/**
 * A client that is imported and made when it is first used. A process loads only the SDKs that it calls: each takes some
 * 300 ms and 40 MB.
 */
export class LazyClient<Client> {
  readonly #open: () => Promise<Client>;
  readonly #shut: (client: Client) => Promise<unknown>;
  #client: Promise<Client> | undefined;

  constructor(open: () => Promise<Client>, shut: (client: Client) => Promise<unknown>) {
    this.#open = open;
    this.#shut = shut;
  }

  /**
   * Makes a call that has an end: after LONGEST_CALL_MS at the latest, also of what the SDK does around it, such as fetching a
   * token. `what` names it in errors; `commit` is for the one whose preconditions can fail.
   * @throws RetryableError, PermanentError, ConflictError as toPortError
   */
  async call<T>(what: string, call: (client: Client) => Promise<T>, kind: 'commit' | 'other' = 'other'): Promise<T> {
    const opening = (this.#client ??= this.#open());
    try {
      return await withinDeadline(what, opening.then(call));
    } catch (error) {
      // The SDKs keep a failed start (no credentials, say) for ever; the next call begins anew.
      if (!isPortError(error) && statusOf(error) === undefined && this.#client === opening) this.#client = undefined;
      throw toPortError(what, error, kind);
    }
  }

  /** Lets go of its connections, if it was ever made. */
  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    if (client !== undefined) await this.#shut(client);
  }
}

function isPortError(error: unknown): boolean {
  return error instanceof RetryableError || error instanceof PermanentError || error instanceof ConflictError;
}
