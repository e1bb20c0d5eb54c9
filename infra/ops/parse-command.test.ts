import { describe, expect, test } from '@jest/globals';
import { UsageError } from './command-line/usage-error.ts';
import { commands } from './commands.ts';
import type { Command } from './command.ts';
import { commonOptions, parseCommand, type Invocation } from './parse-command.ts';

const all = commands.map((command) => [command.name, command] as const);
const wordsOf = ({ name }: Command): readonly string[] => name.split(' ');
const parametersOf = ({ parameters }: Command): readonly string[] => parameters.map((_, index) => `argument-${index}`);

/** Every option of the command but --help, with a value that reads like an option where it takes one. */
function optionsOf(command: Command): readonly (readonly [string, string | true])[] {
  const options = Object.entries({ ...command.options, ...commonOptions }).filter(([name]) => name !== 'help');
  return options.map(([name, { type }], index) => [
    name,
    type === 'string' ? (['-5', '-abc_-', '--no-option-abc', '-', 'plain'][index % 5] ?? '') : true,
  ]);
}

const spaced = ([name, value]: readonly [string, string | true]): string[] =>
  value === true ? [`--${name}`] : [`--${name}`, value];
const joined = ([name, value]: readonly [string, string | true]): string[] => [
  value === true ? `--${name}` : `--${name}=${value}`,
];

function invocationOf(args: readonly string[]): Invocation {
  const parsed = parseCommand(args, commands);
  if (parsed.kind === 'help') throw new Error('The overview, or an explanation, in the place of the command');
  return parsed.invocation;
}

function refusalOf(args: readonly string[]): string {
  try {
    parseCommand(args, commands);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`${args.join(' ')} was taken`);
}

describe.each(all)('%s', (_name, command) => {
  const bare = [...wordsOf(command), ...parametersOf(command)];

  test('runs with its options before, between and behind the words, and with values that begin with a dash', () => {
    const options = optionsOf(command);
    const expected = { command, values: Object.fromEntries(options), parameters: parametersOf(command) };
    for (const form of [spaced, joined]) {
      for (let place = 0; place <= bare.length; place += 1) {
        expect(invocationOf([...bare.slice(0, place), ...options.flatMap(form), ...bare.slice(place)])).toEqual(
          expected,
        );
      }
      for (const option of options) {
        for (let place = 0; place <= bare.length; place += 1) {
          const { values } = invocationOf([...bare.slice(0, place), ...form(option), ...bare.slice(place)]);
          expect(values).toEqual(Object.fromEntries([option]));
        }
      }
    }
    // pnpm hands on the dashes that npm takes.
    expect(invocationOf(['--', ...bare]).command).toBe(command);
  });

  test('an option that it does not have is refused wherever it stands, with the nearest one', () => {
    for (const [name] of optionsOf(command)) {
      const misspelt = `--${name.slice(0, 1)}${name.slice(2)}x`;
      for (const args of [
        [misspelt, ...bare],
        [...bare, misspelt],
        [...bare, `${misspelt}=1`],
      ])
        expect(refusalOf(args)).toContain(`Unknown option '${misspelt}'`);
    }
    expect(refusalOf([...bare, '--jsno'])).toContain('Did you mean --json?');
    expect(refusalOf(['--ulr', 'http://h', ...bare])).toMatch(/Unknown option '--ulr'.*Did you mean --url\?/);
    expect(refusalOf([...bare, '-y'])).toContain("Unknown option '-y'");
  });

  test('an option without its value, with one too many, empty, or twice is refused', () => {
    for (const [name, value] of optionsOf(command)) {
      if (value === true) {
        expect(refusalOf([...bare, `--${name}=yes`])).toContain(`--${name} is a switch`);
        continue;
      }
      expect(refusalOf([...bare, `--${name}`])).toContain(`--${name}: argument missing`);
      expect(refusalOf([...bare, `--${name}`, '--json'])).toContain(`--${name}: argument missing`);
      expect(refusalOf([...bare, `--${name}=`])).toContain(`--${name} is empty`);
      expect(refusalOf([...bare, `--${name}=a`, `--${name}=b`])).toContain(`--${name} is given twice`);
    }
  });

  test('too few, too many and empty arguments are refused; one that begins with a dash goes behind --', () => {
    const { parameters } = command;
    if (parameters.some(({ optional }) => optional !== true)) expect(refusalOf(wordsOf(command))).toMatch(/needs </);
    if (parameters.at(-1)?.many !== true) expect(refusalOf([...bare, 'surplus'])).toMatch(/and got more/);
    expect(refusalOf([...bare, ''])).toMatch(/and got more|empty argument/);
    if (parameters.length > 0)
      expect(
        invocationOf([...wordsOf(command), '--', ...parametersOf(command).map((text) => `-${text}`)]).parameters,
      ).toEqual(parametersOf(command).map((text) => `-${text}`));
  });

  test('is explained by --help anywhere, and by help; misspelt it is refused, with its name', () => {
    for (const args of [
      [...bare, '--help'],
      ['--help', ...bare],
      ['help', ...wordsOf(command)],
    ])
      expect(parseCommand(args, commands)).toEqual({ kind: 'help', command });
    const misspelt = command.name.slice(0, -1);
    expect(refusalOf([...misspelt.split(' '), ...parametersOf(command)])).toContain(`There is no command "`);
    expect(refusalOf(misspelt.split(' '))).toContain(`Did you mean ${command.name}?`);
    expect(refusalOf(['--yes', ...misspelt.split(' ')])).toContain(`Did you mean ${command.name}?`);
    expect(refusalOf(['help', ...misspelt.split(' ')])).toContain(`Did you mean ${command.name}?`);
  });
});

describe('the command line', () => {
  test('shows the overview on request, or without words; options without a command are refused', () => {
    for (const args of [[], ['help'], ['--help'], ['--help', '--json'], ['--']])
      expect(parseCommand(args, commands)).toEqual({ kind: 'help', command: undefined });
    for (const args of [['--json'], ['--url', 'http://h'], ['--yes']])
      expect(refusalOf(args)).toMatch(/^Which command\?/);
    expect(refusalOf(['help', 'nonsense'])).toMatch(/^There is no command "nonsense"/);
    expect(refusalOf(['--since', '2h'])).toMatch(/Unknown option '--since'/);
  });

  test('an option of one name takes a value in every command or in none: it is read before the command is known', () => {
    const types = new Map<string, string>();
    for (const { options } of commands) {
      for (const [name, { type }] of [...Object.entries(options), ...Object.entries(commonOptions)]) {
        expect([name, type]).toEqual([name, types.get(name) ?? type]);
        types.set(name, type);
      }
    }
    for (const { options } of commands)
      for (const name of Object.keys(commonOptions)) expect(options).not.toHaveProperty([name]);
  });
});
