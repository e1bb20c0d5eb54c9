import { statSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Logger } from '../../log/logger.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GroupCommit } from './group-commit.ts';
import { CHECKED_AT_START_BYTES } from './store-damage.ts';
import { parseStored } from './store-errors.ts';

/** Rows read in one piece (some milliseconds), and the pause after it. */
const PIECE_ROWS = 500;
const PIECE_PAUSE_MS = 50;
const INTERVAL_MS = 24 * 3_600_000;

interface Tree {
  /** What the walk goes along: the key of the table or of the index. */
  readonly keys: readonly string[];
  readonly from: string;
  readonly where?: string;
  /** What else to read of a row: all of it. */
  readonly rest?: string;
  /** A column that holds JSON. SQLite's own check would not do: it refuses what is nested deeply. */
  readonly json?: string;
}

/**
 * The tables, and the indexes that deliveries depend on. Every write meets the indexes of queries, and each backup
 * reads them.
 */
const TREES: readonly Tree[] = [
  { from: 'messages', keys: ['seq'], rest: 'length(data), attributes', json: 'attributes' },
  { from: 'messages INDEXED BY messages_by_time', keys: ['topic', 'published_at', 'seq'] },
  { from: 'deliveries', keys: ['seq', 'subscription'], rest: 'attempts, due_at' },
  { from: 'deliveries INDEXED BY deliveries_by_due', keys: ['subscription', 'due_at', 'seq'] },
  { from: 'tasks', keys: ['seq'], rest: 'attempts, length(payload)' },
  { from: 'tasks', keys: ['queue', 'name'] },
  { from: 'tasks INDEXED BY tasks_by_due', keys: ['queue', 'due_at', 'seq'], where: 'finished_at IS NULL' },
  { from: 'documents', keys: ['seq'], rest: 'data', json: 'data' },
  { from: 'documents', keys: ['collection', 'id'] },
  { from: 'snapshot_messages', keys: ['snapshot', 'seq'] },
];

interface Walk {
  readonly tree: Tree;
  readonly first: StatementSync;
  readonly next: StatementSync;
}

/**
 * Reads the store from end to end once a day, and after the start of one that is too large to be read before; in pieces
 * between which the system goes on. What it meets is noted where every error of the store is (GroupCommit.read).
 */
export class DamageWalk {
  readonly #file: string | null;
  readonly #writes: GroupCommit;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #walks: readonly Walk[];
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(database: DatabaseSync, writes: GroupCommit, clock: Clock, log: Logger) {
    this.#file = database.location();
    this.#writes = writes;
    this.#clock = clock;
    this.#log = log;
    this.#walks = TREES.map((tree) => ({
      tree,
      first: database.prepare(pieceSql(tree, false)),
      next: database.prepare(pieceSql(tree, true)),
    }));
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const wasRead = this.#file === null || statSync(this.#file).size <= CHECKED_AT_START_BYTES;
    if (wasRead) await this.#clock.sleep(INTERVAL_MS, this.#stopping.signal);
    while (!this.#stopped() && !this.#writes.isDamaged) {
      try {
        for (const walk of this.#walks) await this.#along(walk);
      } catch (error) {
        // Damage has been told where it was noted.
        if (!this.#stopped()) this.#log.warn({ error }, 'reading the store for damage was put off');
      }
      await this.#clock.sleep(INTERVAL_MS, this.#stopping.signal);
    }
  }

  #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #along({ tree, first, next }: Walk): Promise<void> {
    let after: readonly SQLInputValue[] | undefined;
    for (;;) {
      const rows = this.#writes.read(() => {
        const piece = after === undefined ? first.all() : next.all(...after);
        if (tree.json !== undefined) for (const row of piece) parseStored(String(row[tree.json]));
        return piece;
      });
      const last = rows.at(-1);
      if (last === undefined) return;
      after = tree.keys.map((key) => last[key] as SQLInputValue);
      await this.#clock.sleep(PIECE_PAUSE_MS, this.#stopping.signal);
      if (this.#stopped()) return;
    }
  }
}

function pieceSql({ from, keys, where, rest }: Tree, isNext: boolean): string {
  const names = keys.join(', ');
  const conditions = [
    ...(where === undefined ? [] : [where]),
    ...(isNext ? [`(${names}) > (${keys.map(() => '?').join(', ')})`] : []),
  ];
  const filter = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `SELECT ${names}${rest === undefined ? '' : `, ${rest}`} FROM ${from}${filter} ORDER BY ${names} LIMIT ${PIECE_ROWS}`;
}
