import { describe, expect, test } from '@jest/globals';
import { integer, listMatching, matching, number, oneOf, rootUrl, text } from './parsers.ts';
import { ConfigError, readSettings, secretTexts, setting } from './settings.ts';

const settings = {
  PORT: setting({ description: 'TCP port', parse: integer(0, 65_535), fallback: 8080 }),
  KEYS: setting({ description: 'keys', parse: listMatching(/^\w+$/, 'of letters'), secret: true }),
  CHAT_ID: setting({
    description: 'the chat',
    parse: matching(/^-?\d+$/, 'a number'),
    aliases: ['CHANNEL_ID'],
  }),
  MODE: setting({ description: 'the mode', parse: oneOf('a', 'b'), fallback: 'a' }),
  ROOT: setting({ description: 'the root', parse: rootUrl('https:'), fallback: 'https://example.com' }),
  RATE: setting({ description: 'a rate', parse: number(0.01, 10), fallback: 5 }),
  NAME: setting({ description: 'a name', parse: text(), fallback: undefined }),
};

describe('reading settings', () => {
  test('values come typed, fallbacks where nothing is set, an empty text counts as not set', () => {
    const values = readSettings(
      { KEYS: ' one , two', CHANNEL_ID: '-1001', PORT: '', RATE: '0.5', ROOT: 'https://example.org/api/' },
      settings,
    );
    expect(values).toEqual({
      PORT: 8080,
      KEYS: ['one', 'two'],
      CHAT_ID: '-1001',
      MODE: 'a',
      ROOT: 'https://example.org/api',
      RATE: 0.5,
      NAME: undefined,
    });
  });

  test('every problem is listed at once, by name, with what would be right, and without the value', () => {
    const environment = { PORT: '70000', KEYS: 'good,s3cret!', MODE: 'c', ROOT: 'ftp://secret.example', RATE: 'fast' };
    let problems: readonly string[] = [];
    try {
      readSettings(environment, settings);
    } catch (error) {
      if (error instanceof ConfigError) problems = error.problems;
    }
    expect(problems).toEqual([
      'PORT must be a whole number from 0 to 65535 (TCP port)',
      'KEYS must be a comma-separated list, each part of letters (keys)',
      'CHAT_ID is missing: the chat',
      'MODE must be one of: a, b (the mode)',
      'ROOT must be a URL that starts with https:// and has no query (the root)',
      'RATE must be a number from 0.01 to 10 (a rate)',
    ]);
  });

  test.each(['8080.5', '1e3', ' ', 'NaN', '-1', '0x10'])('"%s" is no port', (port) => {
    const read = (): unknown => readSettings({ PORT: port, KEYS: 'k', CHAT_ID: '1' }, settings);
    if (port.trim() === '') expect(read()).toMatchObject({ PORT: 8080 });
    else expect(read).toThrow(/PORT must be a whole number/);
  });

  test('the secrets of a list are known one by one', () => {
    expect(secretTexts({ KEYS: 'one, two', CHAT_ID: '5' }, settings)).toEqual(['one', 'two']);
  });
});
