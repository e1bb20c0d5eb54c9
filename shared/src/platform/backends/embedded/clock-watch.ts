import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '../../log/logger.ts';
import type { ClockAdministration, ClockReport } from '../../ports/clock-administration.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Topology } from '../../ports/topology-types.ts';
import {
  marksWriter,
  mendDueTimes,
  PUBLISHED_ROWS,
  publishTimesMender,
  readMarks,
  type ClockMarks,
} from './clock-marks.ts';
import type { GroupCommit } from './group-commit.ts';
import { StoreClock } from './store-clock.ts';

const LOOK_MS = 1_000;
/** While something is written. A process that is killed has forgotten at most so much of the time. */
const MARK_MS = 10_000;

/**
 * Sees when the machine's clock is set, says so, and remembers the time in the store, so that the next start sees it
 * too.
 */
export class ClockWatch implements ClockAdministration {
  readonly storeClock: StoreClock;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #put: (marks: ClockMarks) => void;
  readonly #mendPublishTimes: (nowMs: number) => number;
  #lastJump: ClockReport['lastJump'];
  #running: Promise<void> | undefined;

  /** Mends what waits by a wrong time; nothing must be delivered yet. */
  constructor(database: DatabaseSync, topology: Topology, clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
    const marks = readMarks(database);
    const nowMs = clock.now();
    const { backMs, changed } = mendDueTimes(database, marks, topology, nowMs);
    this.storeClock = new StoreClock(clock, marks.believedMs);
    this.#put = marksWriter(database);
    this.#mendPublishTimes = publishTimesMender(database, topology);
    while (this.#mendPublishTimes(nowMs) > 0);
    if (marks.jumpedAtMs !== undefined && marks.jumpedByMs !== undefined)
      this.#lastJump = { at: new Date(marks.jumpedAtMs), byMs: marks.jumpedByMs };
    if (backMs > 0) this.#jumped(-backMs, { seen: 'at the start', mended: changed });
    const { doubtedMs } = this.report();
    if (doubtedMs > 0)
      log.warn(
        { aheadMs: doubtedMs },
        'the clock is ahead of the time that this store knows of by more than a day: nothing is deleted on its word for a day',
      );
  }

  start(writes: GroupCommit): void {
    this.#running = this.#run(writes);
  }

  /** Writes a last mark, and stops. */
  async stop(writes: GroupCommit): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#mark(writes);
  }

  report(): ClockReport {
    return { lastJump: this.#lastJump, doubtedMs: Math.max(0, this.#clock.now() - this.storeClock.believedNow()) };
  }

  async #run(writes: GroupCommit): Promise<void> {
    const { signal } = this.#stopping;
    let marked = { atMs: this.#clock.monotonicMs(), commits: -1 };
    for (;;) {
      await this.#clock.sleep(LOOK_MS, signal);
      if (signal.aborted) return;
      this.storeClock.dueNow();
      const jumpMs = this.storeClock.jumpMs();
      if (jumpMs !== 0) this.#jumped(jumpMs, { seen: 'while running' });
      if (jumpMs < 0) await this.#mendPublished(writes);
      const nowMs = this.#clock.monotonicMs();
      const isDue = nowMs - marked.atMs >= MARK_MS && writes.commits !== marked.commits;
      if (jumpMs === 0 && !isDue) continue;
      this.#mark(writes);
      // The mark itself is a commit.
      marked = { atMs: nowMs, commits: writes.commits + 1 };
    }
  }

  async #mendPublished(writes: GroupCommit): Promise<void> {
    try {
      while (
        (await writes.write(() => this.#mendPublishTimes(this.#clock.now()), PUBLISHED_ROWS)) > 0 &&
        !this.#stopping.signal.aborted
      );
    } catch (error) {
      // The next start does it.
      this.#log.warn(
        { error },
        'the times of messages that were published by the clock as it was are left as they are',
      );
    }
  }

  #jumped(byMs: number, what: object): void {
    this.#lastJump = { at: new Date(this.#clock.now()), byMs };
    this.#log.warn(
      { byMs, ...what },
      byMs < 0 ? 'the clock was set back' : 'the clock was set ahead, or the machine has slept',
    );
  }

  #mark(writes: GroupCommit): void {
    const { storeClock } = this;
    const write = (): void => {
      const dueMs = storeClock.dueNow();
      this.#put({
        dueMs,
        clockMs: this.#clock.now(),
        believedMs: storeClock.believedNow(),
        jumpedAtMs: this.#lastJump?.at.getTime(),
        jumpedByMs: this.#lastJump?.byMs,
      });
    };
    // A store that takes no writes says so itself; the next mark will do.
    writes.write(write).catch(() => undefined);
  }
}
