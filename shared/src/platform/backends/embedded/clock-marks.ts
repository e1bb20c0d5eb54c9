import type { DatabaseSync } from 'node:sqlite';
import type { Topology } from '../../ports/topology-types.ts';
import { MAX_SCHEDULE_AHEAD_MS } from '../task-limits.ts';
import { JUMP_MS } from './store-clock.ts';

/** What a store remembers of the clock; undefined where it was never written. */
export interface ClockMarks {
  /** The due time and the machine's clock, at one moment. */
  readonly dueMs: number | undefined;
  readonly clockMs: number | undefined;
  readonly believedMs: number | undefined;
  readonly jumpedAtMs: number | undefined;
  readonly jumpedByMs: number | undefined;
}

const KEYS: Readonly<Record<keyof ClockMarks, string>> = {
  dueMs: 'clock.due',
  clockMs: 'clock.machine',
  believedMs: 'clock.believed',
  jumpedAtMs: 'clock.jumped_at',
  jumpedByMs: 'clock.jumped_by',
};

export function readMarks(database: DatabaseSync): ClockMarks {
  const rows = database.prepare(`SELECT key, value FROM meta WHERE key LIKE 'clock.%'`).all() as {
    key: string;
    value: number;
  }[];
  const values = new Map(rows.map(({ key, value }) => [key, value]));
  const of = (mark: keyof ClockMarks): number | undefined => values.get(KEYS[mark]);
  return {
    dueMs: of('dueMs'),
    clockMs: of('clockMs'),
    believedMs: of('believedMs') ?? newestWrite(database),
    jumpedAtMs: of('jumpedAtMs'),
    jumpedByMs: of('jumpedByMs'),
  };
}

/** Within a transaction. */
export function marksWriter(database: DatabaseSync): (marks: ClockMarks) => void {
  const put = database.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  return (marks) => {
    for (const mark of Object.keys(KEYS) as (keyof ClockMarks)[]) {
      const value = marks[mark];
      if (value !== undefined) put.run(KEYS[mark], Math.round(value));
    }
  };
}

/**
 * At a start, brings the due times to the machine's clock, if it is behind the clock that wrote them. It also pulls in
 * times ahead that no right clock can have written. A row that was to wait for a minute waits for a minute at most.
 * Returns how far back the clock is, and how many rows were changed.
 */
export function mendDueTimes(
  database: DatabaseSync,
  marks: ClockMarks,
  topology: Topology,
  nowMs: number,
): { readonly backMs: number; readonly changed: number } {
  const ahead = marks.dueMs === undefined || marks.clockMs === undefined ? 0 : marks.dueMs - marks.clockMs;
  const dueMs = Math.max(marks.dueMs ?? 0, newestWrite(database) ?? 0, nowMs + ahead);
  const backMs = dueMs - nowMs < JUMP_MS ? 0 : dueMs - nowMs;
  let changed = 0;
  const run = (sql: string, ...values: (string | number)[]): void => {
    changed += Number(database.prepare(sql).run(...values).changes);
  };
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const { name, maxBackoffSeconds } of topology.subscriptions) {
      const ofName = 'UPDATE deliveries INDEXED BY deliveries_by_due SET due_at =';
      if (backMs > 0) run(`${ofName} due_at - ? WHERE subscription = ? AND due_at > ?`, backMs, name, nowMs);
      // Before its first attempt nothing waits; after it, no longer than the backoff.
      run(`${ofName} ? WHERE subscription = ? AND due_at > ? AND attempts = 0`, nowMs, name, nowMs);
      const latestMs = nowMs + maxBackoffSeconds * 1_000;
      run(`${ofName} ? WHERE subscription = ? AND due_at > ?`, latestMs, name, latestMs);
    }
    for (const { name, maxBackoffSeconds } of topology.queues) {
      const ofName = 'UPDATE tasks INDEXED BY tasks_by_due SET due_at =';
      const waits = 'WHERE queue = ? AND due_at > ? AND finished_at IS NULL';
      if (backMs > 0) run(`${ofName} due_at - ? ${waits}`, backMs, name, nowMs);
      const latestMs = nowMs + maxBackoffSeconds * 1_000;
      run(`${ofName} ? ${waits} AND attempts > 0`, latestMs, name, latestMs);
      // Nobody may ask for more. Who did under a wrong clock: its wait is not known, so that it is over.
      run(`${ofName} ? ${waits}`, nowMs, name, nowMs + MAX_SCHEDULE_AHEAD_MS);
    }
    // The names of finished tasks would be taken for as long as the clock was ahead.
    run(
      'UPDATE tasks INDEXED BY tasks_by_finish SET finished_at = ? WHERE finished_at IS NOT NULL AND finished_at > ?',
      nowMs,
      nowMs,
    );
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
  return { backMs, changed };
}

/** Changed in one piece. */
export const PUBLISHED_ROWS = 500;

/**
 * Holds that no message was published later than now. A replay, a rebuild or an erasure that reads "until now" would
 * not see it, and it would be kept for as long as the clock was ahead. Returns a piece of the work, which says how many
 * rows it has changed; 0 when none is left.
 */
export function publishTimesMender(database: DatabaseSync, topology: Topology): (nowMs: number) => number {
  const mend = database.prepare(
    `UPDATE messages SET published_at = ? WHERE seq IN
     (SELECT seq FROM messages INDEXED BY messages_by_time WHERE topic = ? AND published_at > ? LIMIT ${PUBLISHED_ROWS})`,
  );
  return (nowMs) =>
    topology.topics.reduce(
      (changed, { name }) => (changed > 0 ? changed : Number(mend.run(nowMs, name, nowMs).changes)),
      0,
    );
}

function newestWrite(database: DatabaseSync): number | undefined {
  const row = database.prepare('SELECT published_at FROM messages ORDER BY seq DESC LIMIT 1').get();
  return row === undefined ? undefined : Number(row['published_at']);
}
