import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../log/logger.ts';

const FILE = 'under-way';
/** The last line of a life that ended in good order. */
const END = 'end';
/** The file is written anew when it has grown to this. */
const LONGEST_BYTES = 256 * 1_024;

/** One delivery or task: the name of its subscription or queue, and its key there. */
export interface Run {
  readonly source: string;
  readonly key: number;
}

export interface Suspect extends Run {
  /** How often the process has died while this one was watched. */
  readonly deaths: number;
}

/**
 * Which handlers were at work when the process died: the suspects. A line for each start and each end, written before
 * the handlers start and never synced. A process that dies leaves its writes with the kernel, and a message does not
 * stop the whole machine. It is kept only after a death (`isWatching`): so nothing is paid before the first one, and a
 * guilty message kills the process again. The file is of one life of the process. `startNumber` is that of the store,
 * so that the file of another store counts for nothing.
 */
export class UnderWayJournal {
  readonly #file: number | undefined;
  readonly #log: Logger;
  readonly #header: string;
  readonly #atWork = new Set<string>();
  #ended = '';
  #bytes = 0;
  #isBroken = false;
  #isClosed = false;
  #isWatching: boolean;
  /** The suspects of the life before, in its order. */
  readonly left: readonly Suspect[];

  constructor(dataDir: string, startNumber: number, log: Logger) {
    const path = join(dataDir, FILE);
    this.#log = log;
    const { left, isEnded } = readLeft(path, startNumber - 1);
    this.left = left;
    this.#isWatching = !isEnded || left.length > 0;
    this.#header = `start ${startNumber}\n`;
    this.#file = openOrWarn(path, log);
    this.rewrite(this.left);
  }

  get isWatching(): boolean {
    return this.#isWatching;
  }

  /** From now on nothing is noted. */
  stopWatching(): void {
    this.#isWatching = false;
    this.#atWork.clear();
    this.rewrite([]);
  }

  /** Must be called before the handlers start. */
  started(source: string, keys: Iterable<number>): void {
    if (!this.#isWatching) return;
    let lines = this.#ended;
    this.#ended = '';
    for (const key of keys) {
      const run = `${source} ${key}`;
      this.#atWork.add(run);
      lines += `+${run}\n`;
    }
    this.#append(lines);
  }

  /** Goes into the file with what starts next, or `atOnce`. */
  ended(source: string, key: number, atOnce: boolean): void {
    if (!this.#isWatching) return;
    const run = `${source} ${key}`;
    this.#atWork.delete(run);
    this.#ended += `-${run}\n`;
    if (!atOnce) return;
    const lines = this.#ended;
    this.#ended = '';
    this.#append(lines);
  }

  /** Writes the file anew, with these suspects and the present work. */
  rewrite(suspects: readonly Suspect[]): void {
    const known = suspects.map(({ source, key, deaths }) => `?${source} ${key} ${deaths}\n`);
    const atWork = [...this.#atWork].map((run) => `+${run}\n`);
    this.#ended = '';
    this.#attempt((file) => {
      ftruncateSync(file);
      const text = this.#header + known.join('') + atWork.join('');
      writeSync(file, text);
      this.#bytes = text.length;
    });
  }

  get isLong(): boolean {
    return this.#bytes > LONGEST_BYTES;
  }

  /** An orderly end: work that is still under way was not its cause. */
  close(suspects: readonly Suspect[]): void {
    this.#atWork.clear();
    this.rewrite(suspects);
    this.#append(`${END}\n`);
    this.#isClosed = true;
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #append(lines: string): void {
    if (lines === '') return;
    this.#attempt((file) => {
      writeSync(file, lines);
      this.#bytes += lines.length;
    });
  }

  /** Without the file a message that kills the process is not found out; everything else goes on. */
  #attempt(write: (file: number) => void): void {
    // A handler may outlast the drain.
    if (this.#isClosed || this.#file === undefined) return;
    try {
      write(this.#file);
      this.#isBroken = false;
    } catch (error) {
      if (!this.#isBroken) this.#log.warn({ error }, 'the journal of what is under way cannot be written');
      this.#isBroken = true;
    }
  }
}

function openOrWarn(path: string, log: Logger): number | undefined {
  try {
    // For this user only, as the store itself.
    return openSync(path, 'a', 0o600);
  } catch (error) {
    log.warn({ error }, 'the journal of what is under way cannot be opened');
    return undefined;
  }
}

/** A line that cannot be read counts as nothing: at worst an attempt is not counted. */
function readLeft(path: string, startNumber: number): { readonly left: readonly Suspect[]; readonly isEnded: boolean } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { left: [], isEnded: true };
  }
  const [header, ...lines] = text.split('\n');
  const isEnded = lines.includes(END);
  if (header !== `start ${startNumber}`) return { left: [], isEnded };
  const suspects = new Map<string, number>();
  const atWork = new Set<string>();
  for (const line of lines) {
    const [, mark, run, deaths] = /^([?+-])(\S+ \d+)(?: (\d+))?$/.exec(line) ?? [];
    if (mark === undefined || run === undefined) continue;
    if (mark === '?') suspects.set(run, Number(deaths));
    else if (mark === '+') atWork.add(run);
    else {
      atWork.delete(run);
      suspects.delete(run);
    }
  }
  // Who was no suspect yet becomes one: any of them can have done it. A suspect runs alone: it is the likely cause.
  for (const run of atWork) {
    const before = suspects.get(run);
    suspects.set(run, before === undefined ? 0 : before + 1);
  }
  const left = [...suspects].map(([run, deaths]) => {
    const [source = '', key = ''] = run.split(' ');
    return { source, key: Number(key), deaths };
  });
  return { left, isEnded };
}
