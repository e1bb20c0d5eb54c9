import { rateBounds, linkWorkerSettings } from '@paid-community/link-worker/config.ts';
import { accepted, refused } from '@paid-community/link-worker/bots/pace/learn.ts';
import { unknownRate, type RateState } from '@paid-community/link-worker/bots/pace/rate-state.ts';
import { DEFAULT_RETRY_AFTER_SECONDS } from '@paid-community/shared/telegram/bot-api.ts';

/** Somebody who always has more to send than the limit lets through. */
export interface Sender {
  /** The earliest moment of the next call. */
  readonly nextAt: number;
  accepted(calledAt: number, now: number): void;
  /** `toldMs` undefined: the answer named no stop. */
  refused(calledAt: number, now: number, toldMs: number | undefined): void;
}

// The ceiling is well above every limit here, so that only the limit decides.
export const BOUNDS = rateBounds({
  LINK_RATE: 'adaptive',
  SAFE_RPS_SLEEP_MS: linkWorkerSettings.SAFE_RPS_SLEEP_MS.fallback ?? 220,
  LINK_RATE_FLOOR_PER_SECOND: linkWorkerSettings.LINK_RATE_FLOOR_PER_SECOND.fallback ?? 0.02,
  LINK_RATE_CEILING_PER_SECOND: 50,
});
export const UNTOLD_MS = DEFAULT_RETRY_AFTER_SECONDS * 1_000;

/** The functions that link-worker uses. */
export class Governor implements Sender {
  #state: RateState = unknownRate(BOUNDS, 0);
  #lastAt = -Infinity;

  get perSecond(): number {
    return this.#state.pace.perSecond;
  }

  get nextAt(): number {
    return Math.max(this.#lastAt + 1_000 / this.#state.pace.perSecond, this.#state.pause.until);
  }

  accepted(calledAt: number, now: number): void {
    this.#lastAt = calledAt;
    this.#state = accepted(this.#state, BOUNDS, calledAt, now);
  }

  refused(calledAt: number, now: number, toldMs = UNTOLD_MS): void {
    this.#lastAt = calledAt;
    this.#state = refused(this.#state, BOUNDS, { calledAt, now, orderedMs: toldMs });
  }
}

/** 220 ms between two calls, and every stop obeyed. */
export class FixedSpacing implements Sender {
  nextAt = 0;

  accepted(calledAt: number): void {
    this.nextAt = calledAt + 220;
  }

  refused(_calledAt: number, now: number, toldMs = UNTOLD_MS): void {
    this.nextAt = now + toldMs;
  }
}

/** As fast as the answers come; after a 429 the same again a second later. */
export class NaiveRetry implements Sender {
  nextAt = 0;

  accepted(_calledAt: number, now: number): void {
    this.nextAt = now;
  }

  refused(_calledAt: number, now: number): void {
    this.nextAt = now + 1_000;
  }
}

/** As fast as the answers come; after a 429 a second, doubled with each further one, at most an hour. */
export class ExponentialBackoff implements Sender {
  nextAt = 0;
  #inRow = 0;

  accepted(_calledAt: number, now: number): void {
    this.#inRow = 0;
    this.nextAt = now;
  }

  refused(_calledAt: number, now: number): void {
    this.nextAt = now + Math.min(3_600_000, 1_000 * 2 ** this.#inRow);
    this.#inRow += 1;
  }
}
