/** What goes wrong with one call. A call without a fault is answered as the real server would. */
export type Fault =
  /** Answer this instead of doing the work. An object is sent as JSON, a string as it is. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /**
   * The side's own 429, without doing the work. Telegram puts `retryAfter` into parameters and header as given
   * (a string stands for garbage, undefined for a 429 that does not say); WebEngage has no such field.
   */
  | { readonly kind: 'too-many-requests'; readonly retryAfter?: number | string }
  /** Wait in real time, then work and answer as usual. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Destroy the socket instead of answering; `afterWork` says whether the call took effect. */
  | { readonly kind: 'disconnect'; readonly afterWork: boolean }
  /** Keep the socket open and never answer; `afterWork` says whether the call took effect. */
  | { readonly kind: 'hang'; readonly afterWork: boolean };

/**
 * The faults to come: a queue for each method, and a hook that is asked when the queue is empty.
 * `Call` is what the hook gets to see.
 */
export class FaultScript<Call> {
  readonly #queued = new Map<string, Fault[]>();

  /** Asked for each call that no queued fault was taken for; undefined lets the call through. */
  behaviour: ((call: Call) => Fault | undefined) | undefined;

  /** Faults for the next calls of `method`, in order, one each. */
  next(method: string, ...faults: readonly Fault[]): void {
    const key = method.toLowerCase();
    this.#queued.set(key, [...(this.#queued.get(key) ?? []), ...faults]);
  }

  /** Forgets everything that is still to come. */
  clear(): void {
    this.#queued.clear();
    this.behaviour = undefined;
  }

  take(method: string, call: Call): Fault | undefined {
    const key = method.toLowerCase();
    const [fault, ...rest] = this.#queued.get(key) ?? [];
    if (fault === undefined) return this.behaviour?.(call);
    if (rest.length === 0) this.#queued.delete(key);
    else this.#queued.set(key, rest);
    return fault;
  }
}
