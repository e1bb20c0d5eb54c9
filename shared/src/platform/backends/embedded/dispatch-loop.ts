import { RetryableError } from '../../ports/errors.ts';
import type { Logger } from '../../log/logger.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RateLimit } from './rate-limit.ts';
import { NO_SUSPICION, type Suspicion } from './suspects.ts';

/** Keys looked up at once. Payloads are read only when their turn comes, so memory does not grow with the backlog. */
const KEYS_PER_FETCH = 256;
/**
 * Least time between two starts while the process is busy with requests. So buyers are answered first, and 200 starts a
 * second are still more than Telegram takes.
 */
const BUSY_START_SPACING_MS = 5;
/** After a failed read or write of the store. */
const STORE_RETRY_MS = 1_000;
/** Due times follow a clock that is set ahead, timers do not: a longer sleep would miss that, or a laptop's lid. */
const LONGEST_SLEEP_MS = 10_000;

/** What a loop delivers: the deliveries of one subscription, or the tasks of one queue. Reads are synchronous. */
export interface DispatchSource<Job> {
  readonly name: string;
  /** Keys due at `nowMs`, the longest due first. */
  dueKeys(nowMs: number, limit: number): readonly number[];
  /** When the first key falls due that is not due at `nowMs`. */
  nextDueAt(nowMs: number): number | undefined;
  /** Undefined when it is gone. `processDeaths` is how often the process has died of it, as far as that is known. */
  load(key: number, processDeaths: number): Job | undefined;
  handle(job: Job): Promise<void>;
  /** Durable when resolved. */
  succeeded(job: Job): Promise<void>;
  failed(job: Job, error: unknown): Promise<void>;
}

export interface DispatchLimits {
  readonly maxConcurrency: number;
  readonly deadlineMs: number;
  readonly rateLimit?: RateLimit | undefined;
  readonly isBusy?: (() => boolean) | undefined;
  readonly suspicion?: Suspicion | undefined;
}

interface Run {
  readonly startedAtMs: number;
  decided: boolean;
  readonly expire: () => void;
}

/**
 * Runs the handler for each key that is due, within the limits. The lease of a key is in memory, from its start until
 * its outcome is stored, so a crash hands every key back. Looks at the store only when woken: by new work, by a
 * finished run, or by the clock at the next due time or deadline.
 */
export class DispatchLoop<Job> {
  readonly #source: DispatchSource<Job>;
  readonly #limits: DispatchLimits;
  readonly #suspicion: Suspicion;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** In order of their start, so the first undecided one has the next deadline. */
  readonly #runs = new Map<number, Run>();
  readonly #stopping = new AbortController();
  #keys: number[] = [];
  #nextKey = 0;
  #nextBusyStartMs = -Infinity;
  #turnScheduled = false;
  #sleep: { readonly untilMs: number; readonly cancel: AbortController } | undefined;
  #onIdle: (() => void) | undefined;

  /** Due times are compared with `clock.now()`; durations are measured by its monotonic time. */
  constructor(source: DispatchSource<Job>, limits: DispatchLimits, clock: Clock, log: Logger) {
    this.#source = source;
    this.#limits = limits;
    this.#suspicion = limits.suspicion ?? NO_SUSPICION;
    this.#clock = clock;
    this.#log = log;
  }

  /** Something may be due. Many calls in one turn of the event loop cost one look. */
  wake(): void {
    if (this.#turnScheduled || this.#stopping.signal.aborted) return;
    this.#turnScheduled = true;
    setImmediate(() => {
      this.#turnScheduled = false;
      if (!this.#stopping.signal.aborted) this.#turn();
    });
  }

  /** Starts nothing more; resolves when the runs under way are stored, or after `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    this.#stopping.abort();
    this.#sleep?.cancel.abort();
    if (this.#runs.size === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    const drained = new AbortController();
    await Promise.race([idle, this.#clock.sleep(drainMs, drained.signal)]);
    drained.abort();
  }

  #turn(): void {
    const atMs = this.#clock.monotonicMs();
    try {
      const deadlineMs = this.#expireRuns(atMs);
      this.#sleepFor(Math.min(deadlineMs, this.#startRuns(atMs)), atMs);
    } catch (error) {
      this.#log.error({ error, source: this.#source.name }, 'looking for due work failed');
      this.#sleepFor(STORE_RETRY_MS, atMs);
    }
  }

  /** Returns the time until the next deadline. */
  #expireRuns(atMs: number): number {
    for (const run of this.#runs.values()) {
      if (run.decided) continue;
      const remainingMs = run.startedAtMs + this.#limits.deadlineMs - atMs;
      if (remainingMs > 0) return remainingMs;
      run.expire();
    }
    return Infinity;
  }

  /** Returns when to look again, from now; Infinity when a finished run will say so. */
  #startRuns(atMs: number): number {
    const starts = new Map<number, Job>();
    try {
      return this.#choose(starts, atMs);
    } finally {
      // Before any of their handlers runs: it may be the last that this process does.
      if (starts.size > 0) this.#suspicion.started(starts.keys());
      for (const [key, job] of starts) this.#start(key, job, atMs);
    }
  }

  #choose(starts: Map<number, Job>, atMs: number): number {
    const { maxConcurrency, rateLimit, isBusy } = this.#limits;
    const nowMs = this.#clock.now();
    const busy = isBusy?.() === true;
    let fetched = false;
    while (this.#runs.size + starts.size < maxConcurrency) {
      if (busy && atMs < this.#nextBusyStartMs) return this.#nextBusyStartMs - atMs;
      const waitMs = rateLimit?.waitMs() ?? 0;
      const suspect = waitMs > 0 ? undefined : this.#suspicion.next();
      if (suspect === undefined && this.#nextKey >= this.#keys.length) {
        // One fetch a turn keeps a turn short; the next one follows at once, unless the keys led nowhere.
        if (fetched) return starts.size > 0 ? 0 : STORE_RETRY_MS;
        fetched = true;
        if (!this.#fetchKeys(nowMs, starts))
          return Math.min(
            Math.max(waitMs, this.#suspicion.waitMs()),
            (this.#source.nextDueAt(nowMs) ?? Infinity) - nowMs,
          );
      }
      if (waitMs > 0) return waitMs;
      const key = suspect?.key ?? this.#keys[this.#nextKey];
      if (suspect === undefined) this.#nextKey += 1;
      const job = key === undefined ? undefined : this.#source.load(key, suspect?.deaths ?? 0);
      if (key === undefined || job === undefined) {
        if (suspect !== undefined) this.#suspicion.ended(suspect.key);
        continue;
      }
      rateLimit?.take();
      this.#nextBusyStartMs = atMs + BUSY_START_SPACING_MS;
      starts.set(key, job);
    }
    return Infinity;
  }

  /**
   * What is leased is still due in the store, so that many more keys are read and skipped; suspects wait for their
   * turn.
   */
  #fetchKeys(nowMs: number, starts: ReadonlyMap<number, Job>): boolean {
    const due = this.#source.dueKeys(nowMs, KEYS_PER_FETCH + this.#runs.size + starts.size + this.#suspicion.held);
    this.#keys = due.filter((key) => !this.#runs.has(key) && !starts.has(key) && !this.#suspicion.holds(key));
    this.#nextKey = 0;
    return this.#keys.length > 0;
  }

  #start(key: number, job: Job, atMs: number): void {
    // The first outcome decides: a handler that finishes after its deadline decides nothing.
    const decide = (store: () => Promise<void>): void => {
      if (run.decided) return;
      run.decided = true;
      void this.#finish(key, store);
    };
    const run: Run = {
      startedAtMs: atMs,
      decided: false,
      expire: () => {
        const error = new RetryableError('deadline_exceeded', `No answer within ${this.#limits.deadlineMs / 1_000} s`);
        decide(() => this.#source.failed(job, error));
      },
    };
    this.#runs.set(key, run);
    this.#source.handle(job).then(
      () => {
        decide(() => this.#source.succeeded(job));
      },
      (error: unknown) => {
        decide(() => this.#source.failed(job, error));
      },
    );
  }

  /** Never rejects. A run keeps its place until its outcome is stored, so a broken disk does not pile up runs. */
  async #finish(key: number, store: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await store();
        break;
      } catch (error) {
        // Storage failures are logged where they happen.
        if (!(error instanceof RetryableError))
          this.#log.error({ error, source: this.#source.name }, 'storing an outcome failed');
        await this.#clock.sleep(STORE_RETRY_MS, this.#stopping.signal);
        if (this.#stopping.signal.aborted) break;
      }
    }
    this.#runs.delete(key);
    this.#suspicion.ended(key);
    if (this.#runs.size === 0) this.#onIdle?.();
    this.wake();
  }

  #sleepFor(wantedMs: number, atMs: number): void {
    if (wantedMs <= 0) {
      this.wake();
      return;
    }
    if (wantedMs === Infinity) return;
    const durationMs = Math.min(wantedMs, LONGEST_SLEEP_MS);
    const untilMs = atMs + durationMs;
    // A sleep that ends earlier does as well: it looks, and sleeps again.
    if (this.#sleep !== undefined && this.#sleep.untilMs <= untilMs && this.#sleep.untilMs > atMs) return;
    this.#sleep?.cancel.abort();
    const sleep = { untilMs, cancel: new AbortController() };
    this.#sleep = sleep;
    void this.#clock.sleep(durationMs, sleep.cancel.signal).then(() => {
      if (this.#sleep !== sleep || sleep.cancel.signal.aborted) return;
      this.#sleep = undefined;
      this.wake();
    });
  }
}
