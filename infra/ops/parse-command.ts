import { parseArgs } from 'node:util';
import type { Command, Option, Options } from './command.ts';
import { UsageError } from './usage-error.ts';

/** What every command takes. */
export const commonOptions = {
  url: { type: 'string', value: 'U', description: 'URL of intake-service (default: OPERATOR_URL, else http://127.0.0.1:8080)' },
  key: { type: 'string', value: 'K', description: "operator's key (default: OPERATOR_API_KEY)" },
  json: { type: 'boolean', description: 'print the result as one JSON document, for programs' },
  yes: { type: 'boolean', description: 'do not ask before what cannot be taken back' },
  help: { type: 'boolean', description: 'explain the command' },
} as const satisfies Options;

export interface Invocation {
  readonly command: Command;
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly parameters: readonly string[];
}

export type Parsed = { readonly kind: 'run'; readonly invocation: Invocation } | { readonly kind: 'help'; readonly command: Command | undefined };

/** @throws UsageError that says what would be right. */
export function parseCommand(args: readonly string[], commands: readonly Command[]): Parsed {
  const words = args.slice(0, args.findIndex((arg) => arg.startsWith('-')) >>> 0);
  if (words.length === 0 || words[0] === 'help') return { kind: 'help', command: findCommand(words.slice(1), commands) };
  const command = findCommand(words, commands);
  if (command === undefined) {
    const similar = commands.filter(({ name }) => name.split(' ')[0] === words[0]);
    const known = (similar.length > 0 ? similar : commands).map(({ name }) => name).join(', ');
    throw new UsageError(`There is no command "${words.slice(0, 2).join(' ')}". There ${similar.length === 1 ? 'is' : 'are'}: ${known}`);
  }
  const { values, positionals } = parse(command, args.slice(command.name.split(' ').length));
  if (values['help'] === true) return { kind: 'help', command };
  checkParameters(command, positionals);
  return { kind: 'run', invocation: { command, values, parameters: positionals } };
}

function findCommand(words: readonly string[], commands: readonly Command[]): Command | undefined {
  return [2, 1].map((count) => words.slice(0, count).join(' ')).map((name) => commands.find((command) => command.name === name)).find((command) => command !== undefined);
}

function parse(command: Command, args: readonly string[]): { readonly values: Invocation['values']; readonly positionals: readonly string[] } {
  const options: Readonly<Record<string, Option>> = { ...command.options, ...commonOptions };
  try {
    const declared = Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]));
    const { values, positionals } = parseArgs({ args: [...args], options: declared, strict: true, allowPositionals: true });
    return { values: { ...values }, positionals };
  } catch (error) {
    // Only the first sentence: the rest of Node's message is about its own syntax.
    const message = error instanceof Error ? (error.message.split(/\.\s|\n/, 1)[0] ?? '') : '';
    throw new UsageError(`${message}. ${command.name} takes ${Object.keys(options).map((name) => `--${name}`).join(', ')}; --help explains them`, { cause: error });
  }
}

function checkParameters({ name, parameters }: Command, given: readonly string[]): void {
  const missing = parameters.filter((parameter) => parameter.optional === undefined).slice(given.length);
  if (missing[0] !== undefined) throw new UsageError(`${name} needs <${missing[0].name}>: ${missing[0].description}`);
  const most = parameters.at(-1)?.many === true ? Number.POSITIVE_INFINITY : parameters.length;
  if (given.length > most) throw new UsageError(`${name} takes ${most === 0 ? 'no arguments' : parameters.map((parameter) => `<${parameter.name}>`).join(' ')} besides its options, and got more`);
}
