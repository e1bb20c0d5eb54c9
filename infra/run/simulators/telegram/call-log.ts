import type { CallCounters } from './telegram-simulator.ts';

/** Counts only, and one number for each link call: a benchmark makes millions. */
export class CallLog implements CallCounters {
  readonly #counts = new Map<string, number>();
  readonly #times: number[] = [];
  readonly #recordLinkCalls: boolean;
  tooManyRequests = 0;
  callsDuringStop = 0;

  constructor(recordLinkCalls: boolean) {
    this.#recordLinkCalls = recordLinkCalls;
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

  /** Returns the call's number among those of its method. */
  count(method: string): number {
    const callNumber = this.of(method) + 1;
    this.#counts.set(method, callNumber);
    return callNumber;
  }

  linkCalled(nowMs: number, duringStop: boolean): void {
    if (this.#recordLinkCalls) this.#times.push(nowMs);
    if (duringStop) this.callsDuringStop += 1;
  }
}
