import { botRateId, type CallKind } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { Turn } from '../calls/make-call.ts';
import { accepted, refused, type Refusal } from './pace/learn.ts';
import { PacerTime } from './pace/pacer-time.ts';
import { unknownRate, withPause, type RateBounds, type RateState } from './pace/rate-state.ts';
import { SharedRate, type KnownRate } from './pace/shared-rate.ts';
import { Slice } from './pace/slice.ts';

/**
 * A task waits in the handler for its turn at most so long; the dispatch deadline in the topology leaves room for it.
 */
export const MAX_WAIT_MS = 10_000;

/** Another instance is taken for alive so long after its last slice. */
const ALIVE_MS = 30_000;
/** All that was put back returns within so long: when the limit rises meanwhile, it is needed. */
const RETURN_WITHIN_MS = 600_000;
/** Without a pace there are no slices. The document is read so often for a pause that another instance has stored. */
const LOOK_MS = 1_000;

type Slot = { readonly at: number } | { readonly notBefore: number };

export interface PacerOptions {
  readonly botId: string;
  readonly kind: CallKind;
  /** Another one for each process. */
  readonly instanceId: string;
  /** `startPerSecond` Infinity: no pace, only pauses. */
  readonly bounds: RateBounds;
  /** Of one chat, where its calls have a pace of their own. */
  readonly chatId?: string | undefined;
}

/**
 * Decides when a bot may make its calls of one kind: at the pace learned so far, and never during a pause that Telegram
 * has ordered.
 *
 * The instances share one document, and through it one line of time. An instance takes a slice of it, from the end of
 * the last slice on, and calls only within. So the calls of all instances together keep the pace. A pause is in force at
 * once in the process that hears of it. It is stored before anything else happens, and the next slice reads it at its
 * start. What remains: calls that are on their way; and when the 429 arrives after the end of its caller's slice, the
 * slice that has begun meanwhile (a second or one call).
 */
export class CallPacer {
  readonly #clock: Clock;
  readonly #time: PacerTime;
  readonly #bounds: RateBounds;
  readonly #instanceId: string;
  readonly #shared: SharedRate;
  #state: RateState;
  /** Accepted calls that the document does not know of. */
  #unwritten: { readonly calledAt: number; readonly now: number }[] = [];
  #slice = new Slice({ untilMs: -Infinity, isShared: false, calls: 0 });
  #nextAt = -Infinity;
  #nextReturnAt = 0;
  #lookedAt = -Infinity;
  #line: Promise<unknown> = Promise.resolve();

  constructor(
    { botId, kind, instanceId, bounds, chatId }: PacerOptions,
    { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
  ) {
    this.#clock = clock;
    this.#bounds = bounds;
    this.#instanceId = instanceId;
    this.#time = new PacerTime(clock);
    const rateId = botRateId(botId, kind, chatId);
    this.#shared = new SharedRate({ store, rateId, instanceId, bounds, time: this.#time });
    this.#state = unknownRate(bounds, this.#time.now());
  }

  /** Calls per second now; Infinity without a pace. */
  get perSecond(): number {
    return this.#state.pace.perSecond;
  }

  get isPaused(): boolean {
    return this.#time.now() < this.#state.pause.until;
  }

  /** How long a call that is asked for now would wait, as far as this process knows. */
  waitMs(): number {
    const soonest = this.isPaused ? Math.max(this.#state.pause.until, this.#nextAt) : this.#nextAt;
    return Math.max(0, soonest - this.#time.now());
  }

  /** When a call may come back that would have its turn in so long. */
  returnAfter(waitMs: number): Date {
    return this.#returnAt(this.#time.now() + waitMs);
  }

  /** Waits for a turn. Not granted: make no call, and come back at `notBefore`. */
  async turn(): Promise<Turn> {
    const askedAt = this.#time.now();
    const slot = await this.#inLine(() => this.#takeSlot(askedAt));
    if ('notBefore' in slot) return { granted: false, notBefore: this.#returnAt(slot.notBefore) };
    const waitMs = slot.at - this.#time.now();
    if (waitMs > 0) await this.#clock.sleep(waitMs);
    // A pause may have been ordered while this call waited.
    return this.isPaused ? { granted: false, notBefore: this.#returnAt(this.#state.pause.until) } : { granted: true };
  }

  /** A call that was sent at `calledAtMs` of the clock's monotonic time was answered, and not with a 429. */
  accepted(calledAtMs: number): void {
    const calledAt = this.#time.of(calledAtMs);
    const now = this.#time.now();
    this.#state = accepted(this.#state, this.#bounds, calledAt, now);
    if (this.#bounds.adaptive) this.#unwritten.push({ calledAt, now });
  }

  /**
   * A call that was sent at `calledAtMs` of the clock's monotonic time was answered with a pause. It is in force at once
   * in this process, and stored when this resolves. Returns when the refused call may come back.
   */
  async refused(calledAtMs: number, pauseMs: number): Promise<Date> {
    const calledAt = this.#time.of(calledAtMs);
    const now = this.#time.now();
    const refusal: Refusal = { calledAt, now, orderedMs: pauseMs };
    this.#state = refused(this.#state, this.#bounds, refusal);
    this.#slice.end();
    this.#nextReturnAt = 0;
    await this.#write((known) => {
      const seen = this.#seenIn(known);
      // What the others know is without this refusal: it is learned on top, and its pause is in force already.
      if (seen !== undefined) this.#state = this.#keepPause(refused(seen, this.#bounds, refusal));
      return { ...known, state: this.#state };
    });
    return this.#returnAt(this.#state.pause.until);
  }

  // One after the other, so that the first to ask is the first to call.
  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#line.then(work);
    this.#line = run.catch(() => undefined);
    return run;
  }

  async #takeSlot(askedAt: number): Promise<Slot> {
    const now = this.#time.now();
    if (this.#bounds.startPerSecond === Infinity) {
      if (now - this.#lookedAt >= LOOK_MS) {
        this.#adopt(await this.#shared.read());
        this.#lookedAt = now;
      }
      return this.isPaused ? { notBefore: this.#state.pause.until } : { at: now };
    }
    let at = Math.max(now, this.#nextAt);
    if (!this.isPaused && at - askedAt <= MAX_WAIT_MS && !this.#slice.has(at)) {
      const from = await this.#takeSlice(at, askedAt);
      at = Math.max(this.#time.now(), from);
    }
    if (this.isPaused) return { notBefore: this.#state.pause.until };
    if (at - askedAt > MAX_WAIT_MS) return { notBefore: at };
    this.#slice.use();
    this.#nextAt = at + this.#spacingMs();
    return { at };
  }

  /**
   * Returns where the slice begins. It is not taken when a pause is found, or when it would begin too late for the call
   * that asked.
   */
  async #takeSlice(wantedAt: number, askedAt: number): Promise<number> {
    const now = this.#time.now();
    const taken = { from: wantedAt, isShared: false, slice: this.#slice };
    await this.#write((known) => {
      this.#adopt(known);
      const isOthers = known.grantedTo !== this.#instanceId;
      taken.isShared = isOthers && known.grantedUntilMs > now - ALIVE_MS;
      taken.from = isOthers ? Math.max(wantedAt, known.grantedUntilMs) : wantedAt;
      if (this.isPaused || taken.from - askedAt > MAX_WAIT_MS) return undefined;
      const calls = this.#slice.nextCalls(taken.isShared, this.#spacingMs());
      const untilMs = taken.from + calls * this.#spacingMs();
      taken.slice = new Slice({ untilMs, isShared: taken.isShared, calls });
      return { ...known, state: this.#state, grantedUntilMs: untilMs };
    });
    const waitMs = taken.from - this.#time.now();
    if (taken.isShared && waitMs > 0 && waitMs <= MAX_WAIT_MS && !this.isPaused) {
      // The slice before was another instance's, which may have stored a pause.
      await this.#clock.sleep(waitMs);
      this.#adopt(await this.#shared.read());
    }
    // The pause that was found may end within the slice: then another one is taken.
    if (!this.isPaused) this.#slice = taken.slice;
    return taken.from;
  }

  async #write(change: (known: KnownRate) => KnownRate | undefined): Promise<void> {
    let written = 0;
    await this.#shared.change((known) => {
      const changed = change(known);
      written = changed === undefined ? 0 : this.#unwritten.length;
      return changed === undefined ? undefined : { ...changed, grantedTo: this.#instanceId };
    });
    this.#unwritten.splice(0, written);
  }

  #adopt(known: KnownRate): void {
    const seen = this.#seenIn(known);
    if (seen !== undefined) this.#state = this.#keepPause(seen);
  }

  /** What another instance has written, with the calls of this one since on top. Undefined: this one has written last. */
  #seenIn({ state, grantedTo }: KnownRate): RateState | undefined {
    if (grantedTo === this.#instanceId || grantedTo === '') return undefined;
    return this.#unwritten.reduce((before, { calledAt, now }) => accepted(before, this.#bounds, calledAt, now), state);
  }

  #keepPause(seen: RateState): RateState {
    return withPause(seen, { until: Math.max(seen.pause.until, this.#state.pause.until) });
  }

  #spacingMs(): number {
    return 1_000 / this.perSecond;
  }

  // One spacing apart: what was put back must not all return in the same moment.
  #returnAt(earliestMs: number): Date {
    const at =
      this.#nextReturnAt > earliestMs + RETURN_WITHIN_MS ? earliestMs : Math.max(earliestMs, this.#nextReturnAt);
    this.#nextReturnAt = at + this.#spacingMs();
    return this.#time.toDate(at);
  }
}
