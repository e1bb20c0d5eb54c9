import { exponentialBackoffMs } from '@paid-community/shared/platform/delivery/backoff.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';

const MINUTE_MS = 60_000;

/** Calls arrive closer together than they were sent: so much of each minute is left free, 1.2 s. */
const MARGIN = 0.02;

/**
 * Pauses whose length nobody has told: the limit is one of minutes, so after one it is over; mostly it is over sooner.
 */
const FIRST_PAUSE_MS = 1_000;

/** Why nothing may be sent, and for how long. */
export interface Wait {
  readonly waitMs: number;
  /** The status by which WebEngage asked for it; undefined when it is only the pace. */
  readonly toldBy: number | undefined;
}

/**
 * When this process may call WebEngage: at even distances from the first call on, so that no minute holds more than is
 * allowed, wherever it begins; and never while WebEngage has asked to wait. Of each process; that several share one
 * account, nobody here can know.
 */
export class CallPace {
  readonly #clock: Clock;
  #perMinute: number;
  #nextAtMs = -Infinity;
  #untoldPauses = 0;
  #pause: { readonly untilMs: number; readonly toldBy: number } = { untilMs: -Infinity, toldBy: 0 };

  constructor(perMinute: number, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** Waits for a turn, at most `patienceMs`; what it returns else is how long it would have been. */
  async turn(patienceMs: number, signal?: AbortSignal): Promise<Wait | undefined> {
    const giveUpAtMs = this.#clock.monotonicMs() + patienceMs;
    for (;;) {
      const now = this.#clock.monotonicMs();
      const atMs = Math.max(now, this.#nextAtMs, this.#pause.untilMs);
      const isPaused = now < this.#pause.untilMs;
      if (atMs > giveUpAtMs || isAborted(signal))
        return { waitMs: atMs - now, toldBy: isPaused ? this.#pause.toldBy : undefined };
      this.#nextAtMs = atMs + this.#spacingMs();
      if (atMs > now) await this.#clock.sleep(atMs - now, signal);
      // Another call may have been asked to wait meanwhile; the turn is lost, and another one needed.
      if (this.#clock.monotonicMs() >= this.#pause.untilMs && !isAborted(signal)) return undefined;
    }
  }

  /** WebEngage has asked, with this status, to wait so long. A longer wait that it asked for before stays. */
  pauseFor(durationMs: number, toldBy: number): void {
    const untilMs = this.#clock.monotonicMs() + durationMs;
    if (untilMs > this.#pause.untilMs) this.#pause = { untilMs, toldBy };
  }

  /**
   * The same, and it has not said for how long: a second, doubled each time until an event is taken, at most a minute.
   */
  pause(toldBy: number): void {
    // Calls that were on their way together are refused together.
    if (this.#clock.monotonicMs() < this.#pause.untilMs) return;
    this.#untoldPauses += 1;
    this.pauseFor(exponentialBackoffMs(this.#untoldPauses, FIRST_PAUSE_MS, MINUTE_MS), toldBy);
  }

  /** WebEngage has taken an event. */
  taken(): void {
    this.#untoldPauses = 0;
  }

  /** WebEngage has said how many calls a minute it allows. More than the setting is not made use of. */
  lowerTo(perMinute: number): void {
    this.#perMinute = Math.min(this.#perMinute, perMinute);
  }

  #spacingMs(): number {
    return MINUTE_MS / (this.#perMinute * (1 - MARGIN));
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
