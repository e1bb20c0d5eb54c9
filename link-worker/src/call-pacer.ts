import { botPauses } from '@paid-community/shared/documents/bot-pauses.ts';
import { ConflictError } from '@paid-community/shared/delivery/errors.ts';
import type { Clock } from '@paid-community/shared/ports/clock.ts';
import { createDocument, updateDocument, type DocumentStore } from '@paid-community/shared/ports/document-store.ts';

/** A task waits in the handler for its turn at most so long; the dispatch deadline in the topology leaves room for it. */
export const MAX_WAIT_MS = 10_000;

export type Turn = { readonly granted: true } | { readonly granted: false; readonly notBefore: Date };

/**
 * Decides when this bot may call Telegram: at least `spacingMs` apart, and never during a pause that Telegram ordered.
 * A pause is stored, so it outlives the process. Other instances read it when they start; one that is running already
 * learns of it from its own first 429.
 */
export class CallPacer {
  readonly #deps: { readonly store: DocumentStore; readonly clock: Clock };
  readonly #botId: string;
  readonly #spacingMs: number;
  #nextTurnAt = 0;
  #pausedUntil = 0;
  #deferredInPause = 0;
  #loaded: Promise<void> | undefined;

  constructor(options: { readonly botId: string; readonly spacingMs: number }, deps: { readonly store: DocumentStore; readonly clock: Clock }) {
    this.#deps = deps;
    this.#botId = options.botId;
    this.#spacingMs = options.spacingMs;
  }

  /** Waits for a turn. Not granted: make no call, and come back at `notBefore`. */
  async turn(): Promise<Turn> {
    const { clock } = this.#deps;
    await this.#load();
    if (this.#isPaused()) return { granted: false, notBefore: this.#slotAfterPause() };
    const now = clock.now();
    const turnAt = Math.max(now, this.#nextTurnAt);
    if (turnAt - now > MAX_WAIT_MS) return { granted: false, notBefore: new Date(turnAt) };
    this.#nextTurnAt = turnAt + this.#spacingMs;
    if (turnAt > now) await clock.sleep(turnAt - now);
    // Another call may have been told to stop while this one waited.
    return this.#isPaused() ? { granted: false, notBefore: this.#slotAfterPause() } : { granted: true };
  }

  /**
   * Silence from now on for `durationMs`, or longer if that was ordered before: in force at once in this process, and
   * stored when it resolves. Returns when the call that was refused may come back.
   */
  async pause(durationMs: number): Promise<Date> {
    const until = this.#deps.clock.now() + durationMs;
    if (until > this.#pausedUntil) {
      this.#pausedUntil = until;
      this.#deferredInPause = 0;
      await this.#persist(until);
    }
    return this.#slotAfterPause();
  }

  #isPaused(): boolean {
    return this.#deps.clock.now() < this.#pausedUntil;
  }

  // One turn apart: what was put back must not all return in the same moment.
  #slotAfterPause(): Date {
    const slot = new Date(this.#pausedUntil + this.#deferredInPause * this.#spacingMs);
    this.#deferredInPause += 1;
    return slot;
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#deps.store.get(botPauses, this.#botId).then(
      (read) => {
        if (read !== undefined) this.#pausedUntil = Math.max(this.#pausedUntil, Date.parse(read.data.pausedUntil));
      },
      (error: unknown) => {
        this.#loaded = undefined;
        throw error;
      },
    );
    return this.#loaded;
  }

  async #persist(until: number): Promise<void> {
    const pause = { pausedUntil: new Date(until).toISOString() };
    const read = await this.#deps.store.get(botPauses, this.#botId);
    if (read !== undefined && Date.parse(read.data.pausedUntil) >= until) return;
    try {
      await this.#deps.store.commit([
        read === undefined ? createDocument(botPauses, this.#botId, pause) : updateDocument(botPauses, read, pause),
      ]);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      await this.#persist(until);
    }
  }
}
