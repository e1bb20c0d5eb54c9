import { splitArguments, suggest, valuesOf, type GivenOption } from './command-line/read-arguments.ts';
import { UsageError } from './command-line/usage-error.ts';
import type { Command, Option, Options } from './command.ts';

/** What every command takes. */
export const commonOptions = {
  url: {
    type: 'string',
    value: 'U',
    description: 'URL of intake-service (default: OPERATOR_URL, else http://127.0.0.1:8080)',
  },
  'key-file': {
    type: 'string',
    value: 'F',
    description:
      "file that holds an operator's key; /dev/stdin reads it from standard input (default: OPERATOR_API_KEY)",
  },
  key: {
    type: 'string',
    value: 'K',
    description: 'the key itself; everybody on this machine sees it in the list of processes while the command runs',
  },
  json: { type: 'boolean', description: 'print the result as one JSON document, for programs' },
  yes: { type: 'boolean', description: 'do not ask before what cannot be taken back' },
  help: { type: 'boolean', description: 'explain the command' },
} as const satisfies Options;

export interface Invocation {
  readonly command: Command;
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly parameters: readonly string[];
}

export type Parsed =
  | { readonly kind: 'run'; readonly invocation: Invocation }
  | { readonly kind: 'help'; readonly command: Command | undefined };

/**
 * The command's words and options in any order. Without words, or with a request for help, the overview. @throws
 * UsageError that says what would be right.
 */
export function parseCommand(args: readonly string[], commands: readonly Command[]): Parsed {
  // An option of one name takes a value in all commands or in none.
  const everyOption = Object.assign({}, commonOptions, ...commands.map(({ options }) => options)) as Options;
  const { options, words } = splitArguments(args, everyOption);
  if (words[0] === 'help') return helpFor(words.slice(1), options, commands);
  if (words.length === 0) {
    const values = valuesOf(options, commonOptions, `Every command takes ${namesOf(commonOptions)}`);
    if (options.length === 0 || values.help === true) return { kind: 'help', command: undefined };
    throw new UsageError(`Which command? There are: ${commands.map(({ name }) => name).join(', ')}`);
  }
  const command = findCommand(words, commands);
  if (command === undefined) {
    // A misspelt option with a value leaves the value as the first word.
    const unknown = options.filter(({ typed, name }) => !typed.startsWith('--') || !Object.hasOwn(everyOption, name));
    if (unknown.length > 0) valuesOf(unknown, everyOption, 'npm run ops -- help lists what there is');
    throw unknownCommand(words, commands);
  }
  const known: Readonly<Record<string, Option>> = { ...command.options, ...commonOptions };
  const values = valuesOf(options, known, `${command.name} takes ${namesOf(known)}; --help explains them`);
  if (values['help'] === true) return { kind: 'help', command };
  const parameters = words.slice(command.name.split(' ').length);
  checkParameters(command, parameters);
  checkTexts(values);
  return { kind: 'run', invocation: { command, values, parameters } };
}

function helpFor(words: readonly string[], options: readonly GivenOption[], commands: readonly Command[]): Parsed {
  valuesOf(options, commonOptions, `help takes the name of a command, and ${namesOf(commonOptions)}`);
  if (words.length === 0) return { kind: 'help', command: undefined };
  const command = commands.find(({ name }) => name === words.join(' '));
  if (command === undefined) throw unknownCommand(words, commands);
  return { kind: 'help', command };
}

function findCommand(words: readonly string[], commands: readonly Command[]): Command | undefined {
  return [3, 2, 1]
    .map((count) => words.slice(0, count).join(' '))
    .map((name) => commands.find((command) => command.name === name))
    .find((command) => command !== undefined);
}

function unknownCommand(words: readonly string[], commands: readonly Command[]): UsageError {
  const isGroup = (group: string): boolean => commands.some(({ name }) => name.startsWith(`${group} `));
  const given = words.slice(0, isGroup(words.slice(0, 2).join(' ')) ? 3 : 2).join(' ');
  const similar = commands.filter(({ name }) => name.split(' ')[0] === words[0]);
  const names = commands.map(({ name }) => name);
  const known = similar.length > 0 ? similar.map(({ name }) => name) : names;
  return new UsageError(
    `There is no command "${given}". There ${known.length === 1 ? 'is' : 'are'}: ${known.join(', ')}${suggest(given, names) || suggest(words[0] ?? '', names)}`,
  );
}

function checkParameters({ name, parameters }: Command, given: readonly string[]): void {
  const missing = parameters
    .filter((parameter) => parameter.optional === undefined)
    .slice(given.filter((text) => text !== '').length);
  if (missing[0] !== undefined) throw new UsageError(`${name} needs <${missing[0].name}>: ${missing[0].description}`);
  const most = parameters.at(-1)?.many === true ? Number.POSITIVE_INFINITY : parameters.length;
  if (given.length > most)
    throw new UsageError(
      `${name} takes ${most === 0 ? 'no arguments' : parameters.map((parameter) => `<${parameter.name}>`).join(' ')} besides its options, and got more`,
    );
  if (given.includes('')) throw new UsageError(`${name} got an empty argument: is a variable of the shell empty?`);
}

/** A variable of the shell that is empty must not become "everything". */
function checkTexts(values: Invocation['values']): void {
  const empty = Object.entries(values).find(([, value]) => value === '');
  if (empty !== undefined) throw new UsageError(`--${empty[0]} is empty: is a variable of the shell empty?`);
}

function namesOf(options: Options): string {
  return Object.keys(options)
    .map((name) => `--${name}`)
    .join(', ');
}
