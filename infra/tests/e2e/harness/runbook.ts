import { readFileSync } from 'node:fs';
import { ops, type OpsResult } from './ops.ts';

const FILE = new URL('../../../ops/README.md', import.meta.url);
const COMMAND = /^ {4}npm run ops -- (.+)$/;

/** A chapter of the runbook: its commands in their order, as they are written. */
export class Chapter {
  readonly #commands: readonly string[];
  readonly #title: string;
  #played = 0;

  constructor(title: string) {
    this.#title = title;
    this.#commands = commandsOf(title);
  }

  /**
   * Runs the next command, which must be `written` but for what stands in `<…>` and comes from `values`.
   * @throws when the runbook says something else there.
   */
  async play(
    world: { readonly url: string },
    written: string,
    values: Readonly<Record<string, string>> = {},
    environment: Readonly<Record<string, string>> = {},
  ): Promise<OpsResult> {
    const command = this.#commands[this.#played];
    if (command !== written)
      throw new Error(
        `"${this.#title}" says ${command === undefined ? 'nothing more' : `"${command}"`}, not "${written}"`,
      );
    this.#played += 1;
    const words = [...command.matchAll(/"([^"]*)"|<[^>]+>|\S+/g)].map(([word, quoted]) => quoted ?? word);
    return ops(
      world,
      words.map((word) => filledIn(word, values)),
      environment,
    );
  }

  /** @throws when a command of the chapter was not played. */
  end(): void {
    const left = this.#commands.slice(this.#played);
    if (left.length > 0) throw new Error(`"${this.#title}" was not played to its end: ${left.join('; ')}`);
  }
}

/** The titles of all chapters that have commands. */
export function chapters(): readonly string[] {
  return sections()
    .filter(({ lines }) => lines.some((line) => COMMAND.test(line)))
    .map(({ title }) => title);
}

function commandsOf(title: string): readonly string[] {
  const section = sections().find((candidate) => candidate.title === title);
  if (section === undefined) throw new Error(`The runbook has no chapter "${title}"`);
  return section.lines.flatMap((line) => COMMAND.exec(line)?.[1] ?? []);
}

function sections(): readonly { readonly title: string; readonly lines: readonly string[] }[] {
  return readFileSync(FILE, 'utf8')
    .split(/^#+ /m)
    .slice(1)
    .map((text) => {
      const [title = '', ...lines] = text.split('\n');
      return { title, lines };
    });
}

function filledIn(word: string, values: Readonly<Record<string, string>>): string {
  const name = /^<(.+)>$/.exec(word)?.[1];
  if (name === undefined) return word;
  const value = values[name];
  if (value === undefined) throw new Error(`The runbook wants <${name}>`);
  return value;
}
