import type { CallCounters } from './telegram-simulator.ts';

export const LINK_METHOD = 'createChatInviteLink';
const MESSAGE_METHOD = 'sendMessage';

/** Counts only, and one number for each link call: a benchmark makes millions. */
export class CallLog implements CallCounters {
  readonly #counts = new Map<string, number>();
  readonly #times: number[] = [];
  readonly #recordLinkCalls: boolean;
  readonly #total: CallLog | undefined;
  tooManyRequests = 0;
  tooManyMessages = 0;
  callsDuringStop = 0;

  /** `total` counts what is counted here too. */
  constructor(recordLinkCalls: boolean, total?: CallLog) {
    this.#recordLinkCalls = recordLinkCalls;
    this.#total = total;
  }

  get linkCallTimes(): readonly number[] {
    return this.#times;
  }

  of(method: string): number {
    return this.#counts.get(method) ?? 0;
  }

  byMethod(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  /** Returns the call's number among those of its method, in the total where there is one. */
  count(method: string): number {
    const callNumber = this.of(method) + 1;
    this.#counts.set(method, callNumber);
    return this.#total?.count(method) ?? callNumber;
  }

  refused(method: string): void {
    if (method === LINK_METHOD) this.tooManyRequests += 1;
    if (method === MESSAGE_METHOD) this.tooManyMessages += 1;
    this.#total?.refused(method);
  }

  linkCalled(nowMs: number, duringStop: boolean): void {
    if (this.#recordLinkCalls) this.#times.push(nowMs);
    if (duringStop) this.callsDuringStop += 1;
    this.#total?.linkCalled(nowMs, duringStop);
  }
}
