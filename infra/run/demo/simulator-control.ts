import { UsageError } from '../../ops/command-line/usage-error.ts';
import { call, describeFault } from './call.ts';
import { isObject } from './is-object.ts';

/** `accepted`: somebody is in through this link. Not accepted: the reason, and whether a later try could succeed. */
export type JoinAnswer =
  | { readonly accepted: true; readonly atOnce: boolean }
  | { readonly accepted: false; readonly reason: string; readonly isFinal: boolean };

/** The control interface of the simulators, which let a buyer in and tell what they saw. */
export class SimulatorControl {
  readonly #url: string;
  readonly #signal: AbortSignal;

  constructor(url: string, signal: AbortSignal) {
    this.#url = url;
    this.#signal = signal;
  }

  /**
   * Repeats that the simulated WebEngage has left out since it started. @throws when there is no simulator at this
   * address.
   */
  async repeatsIgnored(): Promise<number> {
    const { body } = await call(`${this.#url}/control/state`, { signal: this.#signal, timeoutMs: 5_000 });
    const webEngage = isObject(body) ? body['webengage'] : undefined;
    const repeats = isObject(webEngage) ? webEngage['repeatsIgnored'] : undefined;
    if (typeof repeats !== 'number') throw new Error('no simulator at this address');
    return repeats;
  }

  /** @throws UsageError that says what can be done when there is no simulator at this address. */
  async requireReachable(): Promise<void> {
    try {
      await this.repeatsIgnored();
    } catch (error) {
      if (this.#signal.aborted) return;
      throw new UsageError(
        `No simulator answers at ${this.#url}, so nobody can join. Use --simulator-url if it listens elsewhere, or --join-rate 0 to go without joins`,
        { cause: error },
      );
    }
  }

  /** The chat that a link leads into; undefined when the simulator cannot be asked now. */
  async chatOf(inviteLink: string): Promise<number | undefined> {
    try {
      const { body } = await call(`${this.#url}/control/link`, {
        method: 'POST',
        body: { inviteLink },
        signal: this.#signal,
      });
      const chatId = isObject(body) ? body['chatId'] : undefined;
      return typeof chatId === 'number' ? chatId : undefined;
    } catch {
      return undefined;
    }
  }

  /** Lets somebody new join through the link. Never throws: what went wrong is in the answer. */
  async join(inviteLink: string): Promise<JoinAnswer> {
    try {
      const { status, body } = await call(`${this.#url}/control/join`, {
        method: 'POST',
        body: { inviteLink },
        signal: this.#signal,
      });
      if (status !== 200 || !isObject(body))
        return { accepted: false, reason: `status ${status}`, isFinal: status >= 400 && status < 500 };
      if (body['ok'] === true) return { accepted: true, atOnce: true };
      // The place is taken: by an earlier run, or by our own call when its answer was lost.
      if (body['reason'] === 'limit_reached') return { accepted: true, atOnce: false };
      return { accepted: false, reason: String(body['reason']), isFinal: true };
    } catch (error) {
      return { accepted: false, reason: describeFault(error), isFinal: false };
    }
  }
}
