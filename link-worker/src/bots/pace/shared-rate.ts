import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { botRates, type BotRate } from '@paid-community/shared/model/communities/bot-rate.ts';
import { ConflictError, RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { isCrediblePause } from '@paid-community/shared/telegram/pause.ts';
import { OtherClocks } from './other-clock.ts';
import type { PacerTime } from './pacer-time.ts';
import { unknownRate, withinBounds, withPace, withPause, type RateBounds, type RateState } from './rate-state.ts';
import { rateFromStored, storedRate } from './stored-rate.ts';

/** What a document says, or would say if there were none yet; in pacer time. */
export interface KnownRate {
  readonly state: RateState;
  readonly grantedUntilMs: number;
  readonly grantedTo: string;
}

/** MAX_WAIT_MS and LONE_SLICE_MS of the pacer. */
const LONGEST_SLICE_AHEAD_MS = 15_000;

/**
 * The first conflicts are another instance's ordinary write; after them, instances that write in step get out of it.
 */
const IMMEDIATE_ATTEMPTS = 3;
const MOST_ATTEMPTS = 12;
const LONGEST_BACKOFF_MS = 300;

/**
 * The document that the instances share. One read for each look, one read and one write for each change. Its times are
 * those of the machine that wrote it; they are believed as far as they can be true (OtherClocks, LONGEST_…).
 */
export class SharedRate {
  readonly #store: DocumentStore;
  readonly #rateId: string;
  readonly #instanceId: string;
  readonly #bounds: RateBounds;
  readonly #time: PacerTime;
  readonly #others = new OtherClocks();
  /** The document that was seen last, and when; to tell when the next one was written. */
  #seen = { writtenAt: '', grantedTo: '', atMs: -Infinity };
  #aheadMs = 0;

  constructor({
    store,
    rateId,
    instanceId,
    bounds,
    time,
  }: {
    readonly store: DocumentStore;
    /** Of the document, see botRateId. */
    readonly rateId: string;
    readonly instanceId: string;
    readonly bounds: RateBounds;
    readonly time: PacerTime;
  }) {
    this.#store = store;
    this.#rateId = rateId;
    this.#instanceId = instanceId;
    this.#bounds = bounds;
    this.#time = time;
  }

  async read(): Promise<KnownRate> {
    const askedAtMs = this.#time.now();
    return this.#known((await this.#store.get(botRates, this.#rateId))?.data, askedAtMs);
  }

  /**
   * Writes what `change` makes of what is there. It is called again when another instance has written meanwhile.
   * Undefined: nothing is to be changed.
   * @throws RetryableError when others come in between again and again.
   */
  async change(change: (known: KnownRate) => KnownRate | undefined): Promise<void> {
    let askedAtMs = this.#time.now();
    let seen = this.#seen;
    const next = (known: BotRate | undefined): BotRate | undefined => {
      const changed = change(this.#known(known, askedAtMs));
      seen = this.#seen;
      if (changed === undefined) return undefined;
      const atMs = this.#time.now();
      const document = this.#documentOf(changed);
      seen = { writtenAt: document.writtenAt ?? '', grantedTo: document.grantedTo, atMs };
      return document;
    };
    const backoff = async (attempt: number): Promise<void> => {
      const longestMs = Math.min(LONGEST_BACKOFF_MS, 10 * 2 ** attempt);
      // Of the machine, not of the clock: it only parts those that collide.
      if (attempt >= IMMEDIATE_ATTEMPTS) await sleep(randomInt(longestMs));
      askedAtMs = this.#time.now();
    };
    try {
      await changeDocument(this.#store, botRates, this.#rateId, next, { attempts: MOST_ATTEMPTS, backoff });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      throw new RetryableError(
        'pace_contended',
        `Other instances have written the pace of the bot ${MOST_ATTEMPTS} times in a row`,
        { cause: error },
      );
    }
    this.#seen = seen;
  }

  #known(read: BotRate | undefined, askedAtMs: number): KnownRate {
    const now = this.#time.now();
    const unknown = unknownRate(this.#bounds, now);
    if (read === undefined) return { state: unknown, grantedUntilMs: 0, grantedTo: '' };
    const { pausedUntil, grantedUntil, grantedTo, learned } = read;
    const aheadMs = this.#aheadOf(read, askedAtMs);
    const pausedUntilMs = Date.parse(pausedUntil) - aheadMs;
    const grantedUntilMs = Date.parse(grantedUntil) - aheadMs;
    const stored = this.#bounds.adaptive && learned !== undefined ? rateFromStored(learned, aheadMs) : undefined;
    const state = stored === undefined ? unknown : this.#withinBounds(stored);
    // What is further ahead than can be was written by a clock that was wrong: it is over.
    return {
      state: withPause(state, { until: isCrediblePause(pausedUntilMs, now) ? pausedUntilMs : now }),
      grantedUntilMs: grantedUntilMs > now + this.#longestGrantMs() ? now : grantedUntilMs,
      grantedTo,
    };
  }

  /** How far the clock that wrote it is ahead of the pacer's time. */
  #aheadOf({ grantedTo, writtenAt }: BotRate, askedAtMs: number): number {
    const assumedMs = this.#time.clockAheadMs();
    if (grantedTo === this.#instanceId || writtenAt === undefined) return assumedMs;
    if (writtenAt !== this.#seen.writtenAt || grantedTo !== this.#seen.grantedTo) {
      const sight = {
        writer: grantedTo,
        writtenMs: Date.parse(writtenAt),
        readAtMs: this.#time.now(),
        writtenAfterMs: this.#seen.atMs,
      };
      this.#aheadMs = this.#others.aheadMs(sight, assumedMs);
    }
    this.#seen = { writtenAt, grantedTo, atMs: askedAtMs };
    return this.#aheadMs;
  }

  /** The settings of this process win over what is stored. */
  #withinBounds(state: RateState): RateState {
    return withPace(state, { perSecond: withinBounds(state.pace.perSecond, this.#bounds) });
  }

  /** A slice begins within the longest wait, and is a few seconds or one call long. */
  #longestGrantMs(): number {
    return LONGEST_SLICE_AHEAD_MS + 1_000 / Math.min(this.#bounds.startPerSecond, this.#bounds.floorPerSecond);
  }

  #documentOf({ state, grantedUntilMs, grantedTo }: KnownRate): BotRate {
    const aheadMs = this.#time.clockAheadMs();
    const { until } = state.pause;
    return {
      pausedUntil: new Date(until === 0 ? 0 : until + aheadMs).toISOString(),
      grantedUntil: new Date(grantedUntilMs + aheadMs).toISOString(),
      grantedTo,
      writtenAt: new Date(this.#time.now() + aheadMs).toISOString(),
      learned: this.#bounds.adaptive ? storedRate(state, aheadMs) : undefined,
    };
  }
}
