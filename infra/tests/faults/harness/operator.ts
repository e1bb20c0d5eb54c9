import { setTimeout as sleep } from 'node:timers/promises';
import { OPERATOR_KEY } from '../../e2e/harness/credentials.ts';
import { SystemProcess } from '../../e2e/harness/system-process.ts';

/**
 * What a command ends with that ran to its end, found nothing, or met a system that was down; 2 would be a mistake of
 * the test.
 */
const HONEST_EXITS = [0, 1, 3];

export interface CommandEnd {
  /** Null: it was killed. */
  readonly code: number | null;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Somebody at the command line whose terminal may be closed at any moment. */
export class Operator {
  readonly #url: string;
  readonly #random: () => number;
  /** How often each command ran to its end, and was killed. */
  readonly counts = new Map<string, { ended: number; killed: number }>();

  constructor(url: string, random: () => number) {
    this.#url = url;
    this.#random = random;
  }

  /**
   * Runs a command once; with `killChance` it is killed on its way. @throws when it says that it was called wrongly.
   */
  async run(args: readonly string[], killChance: number): Promise<CommandEnd> {
    const child = new SystemProcess('infra/ops/main.ts', { OPERATOR_URL: this.#url, OPERATOR_API_KEY: OPERATOR_KEY }, [
      ...args,
      '--json',
    ]);
    const count = this.#countOf(args);
    if (this.#random() < killChance) {
      await Promise.race([sleep(150 + this.#random() * 700), child.exited]);
      if (child.isRunning) child.signal('SIGKILL');
    }
    const { code } = await child.exited;
    if (code === null) count.killed += 1;
    else count.ended += 1;
    if (code !== null && !HONEST_EXITS.includes(code))
      throw new Error(`ops ${args.join(' ')} ended with ${code}: ${child.stderr}${child.stdout}`);
    return { code, json: parse(child.stdout) };
  }

  /** Runs a command, killed now and then, until it ends with 0, or with a result that has the field `result`. */
  async untilDone(
    args: readonly string[],
    { result, killChance = 0.3 }: { readonly result?: string; readonly killChance?: number } = {},
  ): Promise<CommandEnd> {
    for (;;) {
      const end = await this.run(args, killChance);
      if (end.code === 0 || (end.code === 1 && result !== undefined && result in end.json)) return end;
      await sleep(100);
    }
  }

  #countOf([first = '', second = '']: readonly string[]): { ended: number; killed: number } {
    const name = /^[a-z]+$/.test(second) && first !== 'erase' ? `${first} ${second}` : first;
    const count = this.counts.get(name) ?? { ended: 0, killed: 0 };
    this.counts.set(name, count);
    return count;
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Killed before it printed, or words to a person.
    return {};
  }
}
