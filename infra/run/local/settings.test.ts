import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '@paid-community/shared/platform/config/settings.ts';
import { localSettings, readLocalSettings, SIMULATION_API_KEY, SIMULATION_OPERATOR_KEY } from './settings.ts';

const keys = { INTAKE_API_KEYS: 'intake-key-of-a-test', OPERATOR_API_KEYS: 'ada:operator-key-of-a-test' };
const realTelegram = {
  TELEGRAM_BOT_TOKEN: '1:AAAAAAAA',
  TELEGRAM_CHAT_ID: '-1001',
  TELEGRAM_WEBHOOK_SECRET: 'webhook-secret-of-a-test',
};
const realWebEngage = { WEBENGAGE_API_KEY: 'webengage-key', WEBENGAGE_LICENSE_CODE: '~1' };

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readLocalSettings(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the settings of the one-process system', () => {
  test('nothing set means: both sides simulated, with a key to try it', () => {
    const { values, simulated } = readLocalSettings({});
    expect(simulated).toEqual({ telegram: true, webEngage: true });
    expect(values).toMatchObject({
      INTAKE_API_KEYS: [SIMULATION_API_KEY],
      OPERATOR_API_KEYS: [`local:${SIMULATION_OPERATOR_KEY}`],
      PORT: 8080,
      TELEGRAM_UPDATES: 'webhook',
      MAX_ATTEMPTS: 50,
    });
  });

  test('the known keys never open a system with a real side', () => {
    const bothMissing = [
      expect.stringContaining('INTAKE_API_KEYS is missing'),
      expect.stringContaining('OPERATOR_API_KEYS is missing'),
    ];
    expect(problemsOf(realTelegram)).toEqual(bothMissing);
    expect(problemsOf(realWebEngage)).toEqual(bothMissing);
  });

  test("an operator's key is kept out of logs, its name is not", () => {
    const { secrets } = readLocalSettings({ OPERATOR_API_KEYS: 'ada:first-key-of-two-k, ben:second:key-of-two' });
    expect(secrets).toEqual(expect.arrayContaining(['first-key-of-two-k', 'second:key-of-two']));
    expect(secrets.join()).not.toMatch(/ada|ben/);
  });

  test('a real Telegram asks for chat, and for a webhook secret unless it is polled', () => {
    const base = { TELEGRAM_BOT_TOKEN: '1:AAAAAAAA', ...keys };
    expect(problemsOf(base)).toEqual([
      expect.stringContaining('TELEGRAM_CHAT_ID is missing'),
      expect.stringContaining('TELEGRAM_WEBHOOK_SECRET is missing'),
    ]);
    expect(problemsOf({ ...base, TELEGRAM_UPDATES: 'polling', TELEGRAM_CHANNEL_ID: '@channel' })).toEqual([]);
  });

  test('a real WebEngage asks for the licence', () => {
    expect(problemsOf({ WEBENGAGE_API_KEY: 'webengage-key', ...keys })).toEqual([
      expect.stringContaining('WEBENGAGE_LICENSE_CODE is missing'),
    ]);
  });

  test('a simulated side never reaches the real one, with any other setting', () => {
    const { values, warnings } = readLocalSettings({
      TELEGRAM_API_ROOT: 'https://api.telegram.org',
      BASE_URL: 'https://pay.example',
    });
    expect(values).toMatchObject({ TELEGRAM_CHAT_ID: '-1001000000001', BASE_URL: undefined });
    expect(values.TELEGRAM_BOT_TOKEN).toContain('SIMULATED');
    expect(warnings).toEqual([expect.stringContaining('BASE_URL does nothing')]);
  });

  test.each([
    ['TELEGRAM_BOT_TOKENS', '2:BBBBBBBB', 'TELEGRAM_BOT_TOKEN'],
    ['TELEGRAM_CHAT_ID', '-1009', 'TELEGRAM_BOT_TOKEN'],
    ['TELEGRAM_CHANNEL_ID', '@channel', 'TELEGRAM_BOT_TOKEN'],
    ['TELEGRAM_WEBHOOK_SECRET', 'webhook-secret-of-a-test', 'TELEGRAM_BOT_TOKEN'],
    ['TELEGRAM_API_ROOT', 'https://tg.example', 'TELEGRAM_BOT_TOKEN'],
    ['WEBENGAGE_LICENSE_CODE', '~1', 'WEBENGAGE_API_KEY'],
    ['WEBENGAGE_API_ROOT', 'https://api.in.webengage.com', 'WEBENGAGE_API_KEY'],
  ])('a side of which only %s is set is not simulated: the credential is asked for', (name, value, credential) => {
    expect(problemsOf({ [name]: value })).toEqual([
      expect.stringContaining(`${credential} is missing, though ${name} is set`),
    ]);
  });

  test('a token that is none is named by its place in the list, and never quoted; the other ones are kept out of logs', () => {
    const problems = problemsOf({ ...realTelegram, ...keys, TELEGRAM_BOT_TOKENS: '2:BBBBBBBB, 3:short,1:AAAAAAAA, x' });
    expect(problems).toEqual([
      expect.stringMatching(/^TELEGRAM_BOT_TOKENS .*of the 4, number 2 and number 4 are not /),
    ]);
    expect(problems.join()).not.toMatch(/BBBB|short|AAAA:|x,/);
    const { values, secrets } = readLocalSettings({ ...realTelegram, ...keys, TELEGRAM_BOT_TOKENS: '2:BBBBBBBB' });
    expect(values.TELEGRAM_BOT_TOKENS).toEqual(['2:BBBBBBBB']);
    expect(secrets).toContain('2:BBBBBBBB');
  });

  test('two different tokens of one bot are refused', () => {
    expect(problemsOf({ ...realTelegram, ...keys, TELEGRAM_BOT_TOKENS: '1:CCCCCCCC' })).toEqual([
      expect.stringContaining('different tokens of the bot 1'),
    ]);
  });

  test.each(['0.0.0.0', '::', '192.168.1.5', 'pay.example.com', '127.0.0.1.example.com'])(
    'the known keys never open a system that listens on %s',
    (HOST) => {
      const bothMissing = [
        expect.stringMatching(/^INTAKE_API_KEYS is missing.+HOST/),
        expect.stringMatching(/^OPERATOR_API_KEYS is missing.+HOST/),
      ];
      expect(problemsOf({ HOST })).toEqual(bothMissing);
      expect(problemsOf({ HOST, ...keys })).toEqual([]);
    },
  );

  test.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost', ''])('they open one that listens on "%s"', (HOST) => {
    expect(problemsOf({ HOST })).toEqual([]);
  });

  const weak = ['a', 'fifteen-charact', 'local-key', 'local-operator-key', 'long enough but blank'];
  test.each([
    ['INTAKE_API_KEYS', (key: string) => key],
    ['OPERATOR_API_KEYS', (key: string) => `ada:${key}`],
    ['METRICS_API_KEYS', (key: string) => key],
    ['TELEGRAM_WEBHOOK_SECRET', (key: string) => key],
  ])('%s takes no key that can be guessed, and says how one is made', (name, write) => {
    for (const key of weak.filter((candidate) => candidate !== 'local-operator-key')) {
      for (const list of [write(key), `${write('a-key-that-is-long-enough')},${write(key)}`]) {
        const problems = problemsOf({ ...realTelegram, ...keys, [name]: list });
        expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} must be .*16.*randomBytes`))]);
        if (list.length > 1) expect(problems.join()).not.toContain(list);
      }
    }
  });

  const shared = 'one-and-the-same-key';
  test.each([
    [
      { INTAKE_API_KEYS: shared, OPERATOR_API_KEYS: `ada:${shared}` },
      'INTAKE_API_KEYS and OPERATOR_API_KEYS have a key in common',
    ],
    [{ OPERATOR_API_KEYS: `ada:${shared},ben:${shared}` }, 'OPERATOR_API_KEYS has the same key twice'],
    [{ INTAKE_API_KEYS: `${shared}, ${shared}` }, 'INTAKE_API_KEYS has the same key twice'],
    [
      { METRICS_API_KEYS: shared, INTAKE_API_KEYS: `another-key-of-intake,${shared}` },
      'METRICS_API_KEYS and INTAKE_API_KEYS have a key in common',
    ],
    [
      { TELEGRAM_WEBHOOK_SECRET: shared, INTAKE_API_KEYS: shared },
      'INTAKE_API_KEYS and TELEGRAM_WEBHOOK_SECRET have a key in common',
    ],
    [
      { TELEGRAM_WEBHOOK_SECRET: shared, OPERATOR_API_KEYS: `ada:${shared}` },
      'OPERATOR_API_KEYS and TELEGRAM_WEBHOOK_SECRET have a key in common',
    ],
    [
      { WEBENGAGE_API_KEY: shared, WEBENGAGE_LICENSE_CODE: '~1', INTAKE_API_KEYS: shared },
      'INTAKE_API_KEYS and WEBENGAGE_API_KEY have a key in common',
    ],
  ])('a key opens one thing: %j is refused', (settings, problem) => {
    const problems = problemsOf({ ...realTelegram, ...keys, ...settings });
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems.join()).not.toContain(shared);
  });

  test.each(['http://api.telegram.org', 'http://203.0.113.7:8081', 'http://[2001:db8::1]/'])(
    'no secret goes to %s in the clear',
    (root) => {
      expect(problemsOf({ ...realTelegram, ...keys, TELEGRAM_API_ROOT: root })).toEqual([
        expect.stringContaining('TELEGRAM_API_ROOT must be https://'),
      ]);
      expect(problemsOf({ ...realWebEngage, ...keys, WEBENGAGE_API_ROOT: root })).toEqual([
        expect.stringContaining('WEBENGAGE_API_ROOT must be https://'),
      ]);
    },
  );

  test.each([
    'http://127.0.0.1:8081',
    'http://localhost:8081',
    'http://10.1.2.3:8081',
    'http://telegram-bot-api:8081',
    'http://bot-api.internal',
    'http://[fd00::1]:8081',
  ])("a Bot API server of one's own may be at %s", (root) => {
    expect(problemsOf({ ...realTelegram, ...keys, TELEGRAM_API_ROOT: root })).toEqual([]);
  });

  test.each([
    [{ PORT: '65530' }, 'PORT must be 65525 at most'],
    [{ PORT: '9000', SIMULATOR_PORT: '9000' }, 'SIMULATOR_PORT 9000 must not be PORT'],
    [
      { LINK_RATE_FLOOR_PER_SECOND: '5', LINK_RATE_CEILING_PER_SECOND: '2' },
      'LINK_RATE_FLOOR_PER_SECOND must not be above',
    ],
    [
      {
        TELEGRAM_CHAT_ID: '-1001',
        TELEGRAM_CHANNEL_ID: '-1002',
        TELEGRAM_BOT_TOKEN: '1:AAAAAAAA',
        TELEGRAM_UPDATES: 'polling',
        ...keys,
      },
      'TELEGRAM_CHAT_ID and TELEGRAM_CHANNEL_ID are two names of one setting',
    ],
    [{ HOST: 'http://127.0.0.1', ...keys }, 'HOST must be an address or a host name'],
    [
      { ...realTelegram, ...keys, TELEGRAM_CHAT_ID: '1001234567890' },
      'TELEGRAM_CHAT_ID must be a chat id such as -100',
    ],
    [{ ...realTelegram, ...keys, BASE_URL: 'https://ada:secret@pay.example.com' }, 'BASE_URL must be a URL'],
  ])('what does not go together is refused: %j', (settings, problem) => {
    expect(problemsOf(settings as Record<string, string>)).toEqual([expect.stringContaining(problem)]);
  });

  test('the ports of what runs are all that count', () => {
    expect(problemsOf({ PORT: '65535', SIMULATOR_PORT: '0' })).toEqual([]);
    expect(problemsOf({ PORT: '65535', ...realTelegram, ...realWebEngage, ...keys })).toEqual([]);
  });

  test('a setting that does nothing beside the others is told', () => {
    const warningsOf = (settings: Record<string, string>): readonly string[] =>
      readLocalSettings({ ...realTelegram, ...keys, ...settings }).warnings;
    expect(warningsOf({ TELEGRAM_UPDATES: 'polling', BASE_URL: 'https://pay.example.com' })).toEqual([
      expect.stringMatching(/^BASE_URL and TELEGRAM_WEBHOOK_SECRET do nothing/),
    ]);
    expect(warningsOf({})).toEqual([expect.stringContaining('without BASE_URL')]);
    expect(warningsOf({ BASE_URL: 'https://pay.example.com' })).toEqual([]);
  });

  test('every wrong setting is listed at once', () => {
    const names = [
      'BACKEND',
      'PORT',
      'LOG_LEVEL',
      'TELEGRAM_BOT_TOKEN',
      'TELEGRAM_CHAT_ID',
      'TELEGRAM_UPDATES',
      'WEBENGAGE_API_ROOT',
      'BASE_URL',
      'MAX_ATTEMPTS',
    ];
    const problems = problemsOf({
      ...realWebEngage,
      ...Object.fromEntries(names.map((name) => [name, '?!'])),
      ...keys,
      TELEGRAM_WEBHOOK_SECRET: 'two words',
    });
    expect(problems.map((problem) => problem.split(' ', 1)[0]).sort()).toEqual(
      [...names, 'TELEGRAM_WEBHOOK_SECRET'].sort(),
    );
    expect(problems.join()).not.toContain('?!');
  });

  test('.env.example has every variable with its default, and no other', () => {
    const example = parseEnv(readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8'));
    expect(Object.keys(example).sort()).toEqual(Object.keys(localSettings).sort());
    for (const [name, setting] of Object.entries(localSettings)) {
      // Pairs and lists have no default.
      const fallback = ('fallback' in setting ? setting.fallback : undefined) as string | number | boolean | undefined;
      expect([name, example[name]]).toEqual([name, fallback === undefined ? '' : String(fallback)]);
    }
  });
});
