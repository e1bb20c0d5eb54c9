import { nearest } from './nearest.ts';
import { UsageError } from './usage-error.ts';

// One rule for every program of this folder:
// - `--name value`, `--name=value`, and `--name` for a switch; options stand anywhere.
// - A value is taken as it is, because keys and numbers may begin with `-`. Only an option of the program is no value:
//   then the value was forgotten.
// - A word after `--` is no option. Some package managers pass on a `--` before everything: it means nothing.
// - Everything else ends with code 2: nothing is guessed, and nothing is left out.

/** Of each option without its dashes: does it take a value? */
export type OptionTypes = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;

type ValueOf<Type> = Type extends 'boolean' ? boolean : string;

export type OptionValues<Types extends OptionTypes> = { readonly [Name in keyof Types]?: ValueOf<Types[Name]['type']> };

export interface GivenOption {
  /** As it was typed, with its dashes. */
  readonly typed: string;
  readonly name: string;
  /** Undefined when there was none. */
  readonly value: string | undefined;
}

export interface SplitArguments {
  readonly options: readonly GivenOption[];
  /** Words that are no option and no value of one. */
  readonly words: readonly string[];
}

/** Takes options and words apart; what is wrong with the options is for `valuesOf` to say. */
export function splitArguments(args: readonly string[], types: OptionTypes): SplitArguments {
  const options: GivenOption[] = [];
  const words: string[] = [];
  const rest = args[0] === '--' ? args.slice(1) : [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') return { options, words: [...words, ...rest] };
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    const [typed, value] = splitAtEquals(arg);
    const name = typed.replace(/^--/, '');
    const follows =
      value === undefined && typeOf(name, types) === 'string' && rest[0] !== undefined && !isOption(rest[0], types);
    options.push({ typed, name, value: follows ? rest.shift() : value });
  }
  return { options, words };
}

/**
 * `known` says which options there are, as the end of a message. @throws UsageError for one that is unknown, without
 * its value, or there twice.
 */
export function valuesOf<Types extends OptionTypes>(
  options: readonly GivenOption[],
  types: Types,
  known: string,
): OptionValues<Types> {
  const values: Record<string, string | boolean> = {};
  for (const { typed, name, value } of options) {
    const type = typed.startsWith('--') ? typeOf(name, types) : undefined;
    if (type === undefined) {
      const behind = typed.startsWith('--') ? '' : '; what begins with - and is no option goes behind --';
      throw new UsageError(
        `Unknown option '${typed}'. ${known}${behind}${suggest(
          typed,
          Object.keys(types).map((each) => `--${each}`),
        )}`,
      );
    }
    if (type === 'boolean' && value !== undefined)
      throw new UsageError(`--${name} is a switch, and takes no value. ${known}`);
    if (type === 'string' && value === undefined)
      throw new UsageError(
        `--${name}: argument missing; a value that reads like an option is given as --${name}=…. ${known}`,
      );
    if (type === 'string' && Object.hasOwn(values, name) && values[name] !== value)
      throw new UsageError(`--${name} is given twice, with different values: which one?`);
    values[name] = value ?? true;
  }
  return values as OptionValues<Types>;
}

/** For a program that takes options only. `--help` explains them, where it is one. @throws UsageError */
export function readOptions<const Types extends OptionTypes>(
  args: readonly string[],
  types: Types,
): OptionValues<Types> {
  const known = `The options are ${Object.keys(types)
    .map((name) => `--${name}`)
    .join(', ')}${Object.hasOwn(types, 'help') ? '; --help explains them' : ''}`;
  const { options, words } = splitArguments(args, types);
  const values = valuesOf(options, types, known);
  if (words[0] !== undefined) throw new UsageError(`"${words[0]}" is no option, and only options are taken. ${known}`);
  return values;
}

/** The end of a message: ` Did you mean …?`, or nothing. */
export function suggest(given: string, known: readonly string[]): string {
  const meant = nearest(given, known);
  return meant === undefined ? '' : `. Did you mean ${meant}?`;
}

function splitAtEquals(arg: string): readonly [string, string | undefined] {
  const at = arg.indexOf('=');
  return at === -1 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}

function isOption(arg: string, types: OptionTypes): boolean {
  return arg === '--' || (arg.startsWith('--') && typeOf(splitAtEquals(arg)[0].slice(2), types) !== undefined);
}

function typeOf(name: string, types: OptionTypes): 'string' | 'boolean' | undefined {
  return Object.hasOwn(types, name) ? types[name]?.type : undefined;
}
