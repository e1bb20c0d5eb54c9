import { setTimeout as sleep } from 'node:timers/promises';
import { ConflictError, PermanentError, RetryableError } from '../../delivery/errors.ts';
import { withinDeadline } from './call-limits.ts';
import { statusOf, toPortError } from './port-error.ts';

/** Under the second that a stop has left after its handlers (see start-services.ts). */
const CLOSE_PATIENCE_MS = 800;

/**
 * A client that is imported and made when it is first used. A process loads only the SDKs that it calls: each takes some
 * 300 ms and 40 MB.
 */
export class LazyClient<Client> {
  readonly #open: () => Promise<Client>;
  readonly #shut: (client: Client) => Promise<unknown>;
  #client: Promise<Client> | undefined;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(open: () => Promise<Client>, shut: (client: Client) => Promise<unknown>) {
    this.#open = open;
    this.#shut = shut;
  }

  /**
   * Makes a call that has an end: after LONGEST_CALL_MS at the latest, also of what the SDK does around it, such as fetching a
   * token. Importing the SDK, before the first call, does not count. `what` names it in errors; `commit` is for the one whose preconditions can fail.
   * @throws RetryableError, PermanentError, ConflictError as toPortError
   */
  async call<T>(what: string, call: (client: Client) => Promise<T>, kind: 'commit' | 'other' = 'other'): Promise<T> {
    const opening = (this.#client ??= this.#open());
    const work = opening.then(call);
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay.add(settled);
    void settled.then(() => this.#underWay.delete(settled));
    try {
      await opening;
      return await withinDeadline(what, work);
    } catch (error) {
      // The SDKs keep a failed start (no credentials, say) for ever; the next call begins anew.
      if (!isPortError(error) && statusOf(error) === undefined && this.#client === opening) this.#client = undefined;
      throw toPortError(what, error, kind);
    }
  }

  /**
   * Lets go of its connections, if it was ever made. With a call that nobody answers it only stops waiting: Firestore's client
   * would wait for that call and then fail where nobody can catch it. The end of the process cuts its connection.
   */
  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    if (client === undefined) return;
    const patience = new AbortController();
    await Promise.race([Promise.all(this.#underWay), sleep(CLOSE_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    if (this.#underWay.size === 0) await this.#shut(client);
  }
}

function isPortError(error: unknown): boolean {
  return error instanceof RetryableError || error instanceof PermanentError || error instanceof ConflictError;
}
