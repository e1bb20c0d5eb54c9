import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { conflict } from './bot-api-error.ts';
import type { UpdateStore } from './update-store.ts';
import type { Update } from './wire.ts';

const MAX_UPDATES = 100;
const MAX_TIMEOUT_SEC = 50;

export interface PollRequest {
  /** Acknowledges every update below it; negative: all but the last so many. */
  readonly offset: number;
  readonly limit: number | undefined;
  readonly timeoutSec: number;
  /** Aborted when the caller goes away. */
  readonly gone: AbortSignal;
}

/** getUpdates. */
export class LongPoll {
  readonly #store: UpdateStore;
  readonly #clock: Clock;
  #waiting: { readonly end: AbortController; reason: string | undefined } | undefined;

  constructor(store: UpdateStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @throws BotApiError 409 when another poll or a webhook takes its place. */
  async poll(request: PollRequest): Promise<Update[]> {
    this.interrupt('terminated by other getUpdates request; make sure that only one bot instance is running');
    this.#acknowledge(request.offset);
    const limit = Math.min(MAX_UPDATES, Math.max(1, request.limit ?? MAX_UPDATES));
    const present = this.#pending(limit);
    if (present.length > 0 || request.timeoutSec <= 0) return present;
    const reason = await this.#wait(Math.min(MAX_TIMEOUT_SEC, request.timeoutSec), request.gone);
    if (reason !== undefined) throw conflict(reason);
    return this.#pending(limit);
  }

  /** Ends the poll that is waiting, with a 409. */
  interrupt(reason: string): void {
    if (this.#waiting === undefined) return;
    this.#waiting.reason = reason;
    this.#waiting.end.abort();
  }

  async #wait(timeoutSec: number, gone: AbortSignal): Promise<string | undefined> {
    const waiting = { end: new AbortController(), reason: undefined as string | undefined };
    this.#waiting = waiting;
    this.#store.onStored = () => waiting.end.abort();
    await this.#clock.sleep(timeoutSec * 1000, AbortSignal.any([waiting.end.signal, gone]));
    if (this.#waiting === waiting) this.#waiting = undefined;
    return waiting.reason;
  }

  #acknowledge(offset: number): void {
    if (offset === 0) return;
    const pending = [...this.#store.pending()];
    const done = offset > 0 ? pending.filter(({ update }) => update.update_id < offset) : pending.slice(0, offset);
    for (const stored of done) this.#store.acknowledge(stored);
  }

  #pending(limit: number): Update[] {
    const nowMs = this.#clock.now();
    const found: Update[] = [];
    for (const stored of this.#store.pending()) {
      if (found.length === limit) break;
      if (stored.expiresAt < nowMs) this.#store.drop(stored);
      else found.push(stored.update);
    }
    return found;
  }
}
