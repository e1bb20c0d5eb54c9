import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '@paid-community/shared/config/settings.ts';
import { localSettings, readLocalSettings, SIMULATION_API_KEY, SIMULATION_OPERATOR_KEY } from './settings.ts';

const keys = { INTAKE_API_KEYS: 'k', OPERATOR_API_KEYS: 'ada:k2' };
const realTelegram = { TELEGRAM_BOT_TOKEN: '1:AA', TELEGRAM_CHAT_ID: '-1001', TELEGRAM_WEBHOOK_SECRET: 'hook' };
const realWebEngage = { WEBENGAGE_API_KEY: 'we-key', WEBENGAGE_LICENSE_CODE: '~1' };

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
    expect(values).toMatchObject({ INTAKE_API_KEYS: [SIMULATION_API_KEY], OPERATOR_API_KEYS: [`local:${SIMULATION_OPERATOR_KEY}`], PORT: 8080, TELEGRAM_UPDATES: 'webhook', MAX_ATTEMPTS: 50 });
  });

  test('the known keys never open a system with a real side', () => {
    const bothMissing = [expect.stringContaining('INTAKE_API_KEYS is missing'), expect.stringContaining('OPERATOR_API_KEYS is missing')];
    expect(problemsOf(realTelegram)).toEqual(bothMissing);
    expect(problemsOf(realWebEngage)).toEqual(bothMissing);
  });

  test('an operator\'s key is kept out of logs, its name is not', () => {
    const { secrets } = readLocalSettings({ OPERATOR_API_KEYS: 'ada:first-key, ben:second:key' });
    expect(secrets).toEqual(expect.arrayContaining(['first-key', 'second:key']));
    expect(secrets.join()).not.toMatch(/ada|ben/);
  });

  test('a real Telegram asks for chat, and for a webhook secret unless it is polled', () => {
    const base = { TELEGRAM_BOT_TOKEN: '1:AA', ...keys };
    expect(problemsOf(base)).toEqual([expect.stringContaining('TELEGRAM_CHAT_ID is missing'), expect.stringContaining('TELEGRAM_WEBHOOK_SECRET is missing')]);
    expect(problemsOf({ ...base, TELEGRAM_UPDATES: 'polling', TELEGRAM_CHANNEL_ID: '@channel' })).toEqual([]);
  });

  test('a real WebEngage asks for the licence', () => {
    expect(problemsOf({ WEBENGAGE_API_KEY: 'k', ...keys })).toEqual([expect.stringContaining('WEBENGAGE_LICENSE_CODE is missing')]);
  });

  test('a simulated side never reaches the real one, whatever else is set', () => {
    const { values } = readLocalSettings({ TELEGRAM_CHAT_ID: '-1009', TELEGRAM_API_ROOT: 'https://tg.example', BASE_URL: 'https://pay.example' });
    expect(values).toMatchObject({ TELEGRAM_CHAT_ID: '-1001000000001', BASE_URL: undefined });
    expect(values.TELEGRAM_BOT_TOKEN).toContain('SIMULATED');
  });

  test('every wrong setting is listed at once', () => {
    const names = ['BACKEND', 'PORT', 'LOG_LEVEL', 'TELEGRAM_BOT_TOKEN', 'TELEGRAM_CHAT_ID', 'TELEGRAM_UPDATES', 'WEBENGAGE_API_ROOT', 'BASE_URL', 'MAX_ATTEMPTS'];
    const problems = problemsOf({ ...realWebEngage, ...Object.fromEntries(names.map((name) => [name, '?!'])), ...keys, TELEGRAM_WEBHOOK_SECRET: 'two words' });
    expect(problems.map((problem) => problem.split(' ', 1)[0]).sort()).toEqual([...names, 'TELEGRAM_WEBHOOK_SECRET'].sort());
    expect(problems.join()).not.toContain('?!');
  });

  test('.env.example has every variable with its default, and no other', () => {
    const example = parseEnv(readFileSync(new URL('../../.env.example', import.meta.url), 'utf8'));
    expect(Object.keys(example).sort()).toEqual(Object.keys(localSettings).sort());
    for (const [name, setting] of Object.entries(localSettings)) {
      // Pairs and lists have no default.
      const fallback = ('fallback' in setting ? setting.fallback : undefined) as string | number | boolean | undefined;
      expect([name, example[name]]).toEqual([name, fallback === undefined ? '' : String(fallback)]);
    }
  });
});
