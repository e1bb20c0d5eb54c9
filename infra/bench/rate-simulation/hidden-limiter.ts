import type { Limit } from './limiters.ts';

/**
 * What a refusal brings: how long every call is refused, and what the answer says of it. `waitMs`: until a call would
 * be accepted.
 */
export type StopPolicy = (waitMs: number) => { readonly stopMs: number; readonly toldMs: number | undefined };

export type Answer = { readonly accepted: true } | { readonly accepted: false; readonly toldMs: number | undefined };

/** Refuses a call over the limit, and every call during the stop that follows. */
export class HiddenLimiter {
  readonly #limit: Limit;
  readonly #policy: StopPolicy;
  #stoppedUntil = 0;
  links = 0;
  refusals = 0;
  callsDuringStop = 0;

  constructor(limit: Limit, policy: StopPolicy) {
    this.#limit = limit;
    this.#policy = policy;
  }

  call(now: number): Answer {
    if (now < this.#stoppedUntil) {
      this.refusals += 1;
      this.callsDuringStop += 1;
      return { accepted: false, toldMs: Math.ceil((this.#stoppedUntil - now) / 1_000) * 1_000 };
    }
    const freeAt = this.#limit.freeAt(now);
    if (freeAt <= now) {
      this.#limit.take(now);
      this.links += 1;
      return { accepted: true };
    }
    this.refusals += 1;
    const { stopMs, toldMs } = this.#policy(freeAt - now);
    this.#stoppedUntil = now + stopMs;
    return { accepted: false, toldMs };
  }
}
