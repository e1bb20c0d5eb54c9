import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import { parseOptions, type DemoOptions } from './options.ts';

function optionsOf(args: readonly string[], environment: Record<string, string> = {}): DemoOptions {
  const options = parseOptions(args, environment);
  if (options === 'help') throw new Error('help was not asked for');
  return options;
}

describe('options', () => {
  test('without any, the whole sample goes to a system of our own, and six buyers in ten join', () => {
    expect(optionsOf([])).toEqual({
      memberships: false,
      file: expect.stringMatching(/sample-purchases\.csv$/),
      count: undefined,
      communities: 1,
      joinRate: 0.6,
      target: undefined,
      apiKey: 'local-key',
      timeoutMs: undefined,
    });
  });

  test('all of them together', () => {
    const args =
      '--file f.csv --count 7 --join-rate 0 --url http://h:1/base/ --simulator-url http://s:2/ --api-key k --timeout-seconds 3'.split(
        ' ',
      );
    expect(optionsOf(args)).toEqual({
      memberships: false,
      file: 'f.csv',
      count: 7,
      communities: 1,
      joinRate: 0,
      target: { url: 'http://h:1/base', simulatorUrl: 'http://s:2' },
      apiKey: 'k',
      timeoutMs: 3_000,
    });
  });

  test('--help wins', () => {
    expect(parseOptions(['--count', '5', '--help'], {})).toBe('help');
  });

  test('the simulator of a running system is looked for ten ports above it', () => {
    expect(optionsOf(['--url', 'http://127.0.0.1:8080']).target).toEqual({
      url: 'http://127.0.0.1:8080',
      simulatorUrl: 'http://127.0.0.1:8090',
    });
    expect(optionsOf(['--url', 'http://intake.test/']).target).toEqual({
      url: 'http://intake.test',
      simulatorUrl: 'http://intake.test:90',
    });
  });

  test('the key is the option, else the first of INTAKE_API_KEYS, else the local one', () => {
    expect(optionsOf(['--api-key', 'given'], { INTAKE_API_KEYS: 'first, second' }).apiKey).toBe('given');
    expect(optionsOf([], { INTAKE_API_KEYS: ' first , second' }).apiKey).toBe('first');
    expect(optionsOf([], { INTAKE_API_KEYS: '' }).apiKey).toBe('local-key');
  });

  test('a key may begin with a dash: one in 64 of those that .env.example recommends does', () => {
    expect(optionsOf(['--api-key', '-abc_']).apiKey).toBe('-abc_');
    expect(optionsOf(['--api-key=--abc']).apiKey).toBe('--abc');
  });

  test.each([
    [['--counts', '5'], 'Did you mean --count?'],
    [['--count', '--help'], 'argument missing'],
    [['--count', '5', '--count', '6'], '--count is given twice'],
    [['--counts', '5'], 'The options are --file, --count,'],
    [['purchases.csv'], 'The options are --file, --count,'],
    [['--count'], 'argument missing'],
    [['--count', '0'], '--count must be a whole number from 1'],
    [['--count', '1.5'], '--count must be a whole number from 1'],
    [['--count', 'many'], '--count must be a whole number from 1'],
    [['--communities', '0'], '--communities must be a whole number from 1 to 1000'],
    [['--url', 'http://h', '--communities', '4'], '--communities must be a whole number from 1 to 3'],
    [['--join-rate', '60'], '--join-rate must be a number from 0 to 1'],
    [['--join-rate=-1'], '--join-rate must be a number from 0 to 1'],
    [['--join-rate', ''], '--join-rate must be a number from 0 to 1'],
    [['--timeout-seconds', '0'], '--timeout-seconds must be a whole number from 1'],
    [['--url', '127.0.0.1:8080'], '--url must be a URL such as http://127.0.0.1:8080'],
    [['--url', 'ftp://host'], '--url must be a URL such as http://127.0.0.1:8080'],
    [['--url', 'http://h', '--simulator-url', 'h'], '--simulator-url must be a URL such as'],
    [['--simulator-url', 'http://h'], '--simulator-url goes with --url'],
    [['--api-key', 'two words'], '--api-key must be printable'],
  ])('%j is refused with what would be right', (args, message) => {
    expect(() => parseOptions(args, {})).toThrow(UsageError);
    expect(() => parseOptions(args, {})).toThrow(message);
  });
});
