import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '@paid-community/shared/platform/config/settings.ts';
import { parseEnvFile } from './parse-env-file.ts';

const parse = (bytes: Uint8Array | string): ReturnType<typeof parseEnvFile> =>
  parseEnvFile(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, '.env');

const TEXT = 'TELEGRAM_BOT_TOKEN=1:AAAAAAAA\nTELEGRAM_CHAT_ID=-1001\n';
const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

describe('the .env file', () => {
  test.each([
    ['plain', Buffer.from(TEXT)],
    ['behind a byte order mark', Buffer.from(`\uFEFF${TEXT}`)],
    ['with the line ends of Windows', Buffer.from(TEXT.replaceAll('\n', '\r\n'))],
    ['without an end of line', Buffer.from(TEXT.trimEnd())],
    [
      'with export, blanks, comments and quotes',
      Buffer.from(`# it's "one"\n export TELEGRAM_BOT_TOKEN = "1:AAAAAAAA" # mine\n\n\tTELEGRAM_CHAT_ID='-1001'\n`),
    ],
  ])('is read %s', (_what, bytes) => {
    expect(parse(bytes)).toEqual({
      values: { TELEGRAM_BOT_TOKEN: '1:AAAAAAAA', TELEGRAM_CHAT_ID: '-1001' },
      notes: [],
    });
  });

  test.each([
    ['UTF-16 with its mark', Buffer.from(`\uFEFF${TEXT}`, 'utf16le'), /UTF-16/],
    ['UTF-16 without its mark', Buffer.from(TEXT, 'utf16le'), /UTF-16/],
    ['UTF-16 the other way round', bigEndian(`\uFEFF${TEXT}`), /UTF-16/],
    ['UTF-16 the other way round, without its mark', bigEndian(TEXT), /UTF-16/],
    ['Latin-1', Buffer.from(`${TEXT}# caf\xe9\n`, 'latin1'), /not UTF-8 \(line 3\)/],
    ['cut within a character', Buffer.from(`${TEXT}A=ü`).subarray(0, -1), /not UTF-8 \(line 3\)/],
    ['with a NUL', Buffer.from(`${TEXT}A=1\0\n`), /no text \(line 3\)/],
    ['with the line ends of an old Mac', Buffer.from(TEXT.replaceAll('\n', '\r')), /no text \(line 1\)/],
  ])('is refused when it is %s', (_what, bytes, words) => {
    expect(() => parse(bytes)).toThrow(ConfigError);
    expect(() => parse(bytes)).toThrow(words);
  });

  test.each([
    ['A=1\nTELEGRAM_BOT_TOKEN 1:secret\nB=2', ['.env, line 2: it has no =, so that it sets nothing']],
    ['TELEGRAM BOT TOKEN=1:secret\nB=2', ['.env, line 1: what is in front of the = is no name of a variable']],
    ['=secret\nB=2', ['.env, line 1: what is in front of the = is no name of a variable']],
    [
      'A=sec#ret\nB=sec #comment',
      ['.env, line 1: what follows the # is taken for a comment; put the value into quotes if it belongs to it'],
    ],
    ['A="secret\nB=2', ['.env, line 1: the quote is not closed']],
    ['A="sec"ret\nB=2', ['.env, line 1: what follows the closing quote is left out']],
    [
      'A="two\nlines"\nno sense\nA=3',
      [
        '.env, line 3: it has no =, so that it sets nothing',
        '.env, line 4: A was set in line 1 as well, which counts no more',
      ],
    ],
  ])('tells by number what is not read as it looks: %j', (text, notes) => {
    const parsed = parse(text);
    expect(parsed.notes).toEqual(notes);
    expect(parsed.notes.join()).not.toMatch(/secret|sec/);
  });

  test('has no notes when the parser reads every line as it looks', () => {
    // Of the example, too, which everybody begins with.
    for (const text of ['A=x"y"z\nB=it\'s\n', 'A=\n\n\nB=`x`\n', 'A="#"\nB=\'a # b\''])
      expect(parse(text).notes).toEqual([]);
  });
});
