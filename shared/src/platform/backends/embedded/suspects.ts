import type { Clock } from '../../ports/clock.ts';
import type { Suspect, UnderWayJournal } from './under-way-journal.ts';

/**
 * A handler that is at work for so long is cleared, because a guilty one kills the process sooner. A kill from outside
 * then accuses no message.
 */
const CLEARED_AFTER_MS = 2_000;
/**
 * A suspect of whom the process died n times starts so long after the start of the process. Each wait ends after the
 * time of the one before: a supervisor that ends the process again and again after the same time never hits the same
 * one at work every time.
 */
const WAITS_MS = [0, 1_000, 4_000, 7_000];
/** After as many deaths as the handlers need to give one up. */
const LAST_WAIT_MS = 1_000;

/** For so long after a death, the journal notes what is at work. */
export const WATCHED_MS = 3_600_000;

/** What a dispatch loop asks about the keys of its source. */
export interface Suspicion {
  /** Keys that wait for their turn as suspects, and must not be started otherwise. */
  holds(key: number): boolean;
  readonly held: number;
  /** The suspect whose turn it is now. */
  next(): Suspect | undefined;
  /** Until `next` may return one; Infinity when a turn begins with a call of `wake`. */
  waitMs(): number;
  /** To be called before their handlers start. */
  started(keys: Iterable<number>): void;
  ended(key: number): void;
}

/** For loops without a journal. */
export const NO_SUSPICION: Suspicion = {
  holds: () => false,
  held: 0,
  next: () => undefined,
  waitMs: () => Infinity,
  started: () => undefined,
  ended: () => undefined,
};

/**
 * After a second death of the process: the messages and tasks that were at work, one of which may have killed it. They
 * are delivered one at a time, beside everything else; those with more deaths come later. A suspect that ends in any
 * way, or lives for CLEARED_AFTER_MS, is cleared. So only the guilty one gathers deaths, and its handler hears their
 * number.
 */
export class Suspects {
  readonly #journal: UnderWayJournal;
  readonly #clock: Clock;
  readonly #openedAtMs: number;
  readonly #stopping = new AbortController();
  readonly #wakers = new Map<string, () => void>();
  /** In the order of their turns. */
  #waiting: readonly Suspect[];
  #atWork: Suspect | undefined;

  constructor(journal: UnderWayJournal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
    this.#openedAtMs = clock.monotonicMs();
    this.#waiting = [...journal.left].sort((a, b) => a.deaths - b.deaths || a.key - b.key);
  }

  /** `wake` is called when the turn of one of the source's keys begins. */
  of(source: string, wake: () => void): Suspicion {
    this.#wakers.set(source, wake);
    const held = new Set(this.#waiting.filter((suspect) => suspect.source === source).map(({ key }) => key));
    return {
      holds: (key) => held.has(key),
      get held() {
        return held.size;
      },
      next: () => {
        const suspect = this.#first();
        if (suspect?.source !== source || this.#waitMs(suspect) > 0) return undefined;
        this.#begin(suspect);
        held.delete(suspect.key);
        return suspect;
      },
      waitMs: () => {
        const suspect = this.#first();
        return suspect?.source === source ? this.#waitMs(suspect) : Infinity;
      },
      started: (keys) => {
        if (!this.#journal.isWatching) return;
        this.#journal.started(source, keys);
        if (this.#isOver()) this.#journal.stopWatching();
        else if (this.#journal.isLong) this.#journal.rewrite(this.#all());
      },
      ended: (key) => {
        const isSuspect = this.#atWork?.source === source && this.#atWork.key === key;
        this.#journal.ended(source, key, isSuspect);
        if (isSuspect) this.#clear();
      },
    };
  }

  close(): void {
    this.#stopping.abort();
    this.#journal.close(this.#all());
  }

  /** Undefined while another one is at work. Names that nobody delivers any more wait for ever, and hold up nobody. */
  #first(): Suspect | undefined {
    return this.#atWork === undefined ? this.#waiting.find(({ source }) => this.#wakers.has(source)) : undefined;
  }

  #waitMs({ deaths }: Suspect): number {
    return Math.max(0, this.#openedAtMs + (WAITS_MS[deaths] ?? LAST_WAIT_MS) - this.#clock.monotonicMs());
  }

  #isOver(): boolean {
    return (
      this.#waiting.length === 0 &&
      this.#atWork === undefined &&
      this.#clock.monotonicMs() - this.#openedAtMs > WATCHED_MS
    );
  }

  #begin(suspect: Suspect): void {
    this.#waiting = this.#waiting.filter((other) => other !== suspect);
    this.#atWork = suspect;
    void this.#clock.sleep(CLEARED_AFTER_MS, this.#stopping.signal).then(() => {
      if (this.#atWork !== suspect || this.#stopping.signal.aborted) return;
      this.#journal.ended(suspect.source, suspect.key, true);
      this.#clear();
    });
  }

  #clear(): void {
    this.#atWork = undefined;
    const next = this.#first();
    if (next !== undefined) this.#wakers.get(next.source)?.();
  }

  #all(): readonly Suspect[] {
    return this.#atWork === undefined ? this.#waiting : [this.#atWork, ...this.#waiting];
  }
}
