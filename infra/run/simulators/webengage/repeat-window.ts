import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

/** How long WebEngage remembers an x-request-id [we]. */
const WINDOW_MS = 4 * 60 * 60_000;

/** The request ids of the events that were ingested in the last four hours. */
export class RepeatWindow {
  readonly #clock: Clock;
  /** Oldest first, as each id enters once. */
  readonly #expiry = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(requestId: string): boolean {
    const expiresAt = this.#expiry.get(requestId);
    return expiresAt !== undefined && this.#clock.now() < expiresAt;
  }

  add(requestId: string): void {
    const nowMs = this.#clock.now();
    for (const [old, expiresAt] of this.#expiry) {
      if (expiresAt > nowMs) break;
      this.#expiry.delete(old);
    }
    this.#expiry.set(requestId, nowMs + WINDOW_MS);
  }
}
