import { describe, expect, test } from '@jest/globals';
import { MAX_QUOTE_CHARACTERS, quoteOutside, quoteUrl } from './quote-outside.ts';

const TOKEN = '7312345678:AAF-x_9sdkfjhKJHsdf87sdfKJHsdf-_12345';
const SENT = {
  userId: 'private-user-7',
  eventData: {
    transactionId: 'order №42/ä',
    inviteLink: 'https://t.me/+Ab-Cd_Ef0123456',
    telegramUserId: '5123456789',
    mail: 'ada.b+x@mail.example.com',
  },
};

/** What must not come back, by what it is; each with the part that gives it away. */
const CONFIDENTIAL: readonly (readonly [what: string, text: string, tell?: string])[] = [
  ['the token', TOKEN],
  ['the path of a call', `/bot${TOKEN}/getMe`, 'AAF-x_9sdkf'],
  ['the token without its number', 'AAF-x_9sdkfjhKJHsdf87sdfKJHsdf-_12345'],
  ['another token', '123456789:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB'],
  ['a header', 'Authorization: Bearer abcdef0123456789', 'abcdef0123'],
  ['the user', SENT.userId],
  ['the transaction', SENT.eventData.transactionId],
  ['the link', SENT.eventData.inviteLink, 'Ab-Cd_Ef0123456'],
  ['the hash of the link', 'Ab-Cd_Ef0123456'],
  ['the number of a user', SENT.eventData.telegramUserId],
  ['the mail address', SENT.eventData.mail, 'ada.b'],
  ["somebody else's link", 'https://t.me/+ZzYyXx0987654321', 'ZzYyXx'],
  ['a link of the old form', 'http://telegram.me/joinchat/ZzYyXx0987654321', 'ZzYyXx'],
  ['a link without a scheme', 't.me/+ZzYyXx0987654321', 'ZzYyXx'],
  ['a link to another domain', 'telegram.dog/joinchat/ZzYyXx0987654321', 'ZzYyXx'],
  ['a link whose plus was read as a blank', 'https://t.me/ ZzYyXx0987654321', 'ZzYyXx'],
  ['a link with a port', 'https://www.t.me:443/+ZzYyXx0987654321', 'ZzYyXx'],
  ['the end of a link', 'no such link: +ZzYyXx0987654321', 'ZzYyXx'],
  ['a link for the app', 'tg://join?invite=ZzYyXx0987654321', 'ZzYyXx'],
  ['another mail address', 'bob@example.org', 'bob'],
  ['a telephone number', '+91 98765 43210', '98765'],
  ["somebody else's number", '987654321'],
];

const hex = (code: number, width: number): string => code.toString(16).padStart(width, '0');
const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'in other letters': (text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase()),
  'percent-encoded': encodeURIComponent,
  'percent-encoded twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'percent-encoded in every byte': (text) => [...Buffer.from(text)].map((byte) => `%${hex(byte, 2)}`).join(''),
  'as a form': (text) => new URLSearchParams({ it: text }).toString().slice(3),
  'as JSON': (text) => JSON.stringify(text),
  'as JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)),
  'as JSON of PHP': (text) => JSON.stringify(text).replaceAll('/', '\\/'),
  'in escapes of JSON': (text) =>
    Array.from({ length: text.length }, (_, at) => `\\u${hex(text.charCodeAt(at), 4)}`).join(''),
  'in references of HTML': (text) => Array.from(text, (character) => `&#${character.codePointAt(0) ?? 0};`).join(''),
  'in hexadecimal references of HTML': (text) =>
    Array.from(text, (character) => `&#x${hex(character.codePointAt(0) ?? 0, 4)};`).join(''),
  'in another normal form': (text) => text.normalize('NFD'),
};

const POSITIONS: Readonly<Record<string, (text: string) => string>> = {
  alone: (text) => text,
  'in a sentence': (text) => `Bad Request: invalid value ${text} for this field`,
  'in quotes': (text) => `unknown user "${text}".`,
  'after a colon': (text) => `value:${text}, sorry`,
  'in JSON': (text) => `{"response":{"status":"error","message":"no ${text.replaceAll('"', '')}"}}`,
  'in HTML': (text) => `<html><b>${text}</b></html>`,
  'far behind': (text) => `${'x '.repeat(140)}${text}`,
  'where the text is cut': (text) => `${'x'.repeat(MAX_QUOTE_CHARACTERS - 12)} ${text}`,
  'behind a lot that is taken out': (text) => `${'bob@example.org '.repeat(2_100)}${text}`,
};

describe('what an outside system is quoted with', () => {
  test.each(CONFIDENTIAL)(
    '%s is not in it, however it is written and wherever it stands',
    (_what, text, tell = text) => {
      const shown = Object.entries(ENCODINGS).flatMap(([encoding, encode]) =>
        Object.entries(POSITIONS).flatMap(([position, place]) => {
          const quoted = quoteOutside(place(encode(text)), { secrets: [TOKEN], sent: SENT });
          return quoted.normalize('NFC').toLowerCase().includes(tell.toLowerCase()) ||
            quoted.includes(encode(tell).slice(0, 40))
            ? [`${encoding}, ${position}: ${quoted}`]
            : [];
        }),
      );
      expect(shown).toEqual([]);
    },
  );

  test('a part of a long one, however it was cut, is not in it', () => {
    for (const whole of [TOKEN, SENT.userId, SENT.eventData.inviteLink, SENT.eventData.mail]) {
      for (let from = 0; from < whole.length - 9; from += 1) {
        for (let to = from + 10; to <= whole.length; to += 1) {
          const part = whole.slice(from, to);
          expect(quoteOutside(`it is <${part}`, { secrets: [TOKEN], sent: SENT })).not.toContain(part);
        }
      }
    }
  });

  test('any two of these side by side are taken out as well', () => {
    const shown = CONFIDENTIAL.flatMap(([, one, tellOne = one]) =>
      CONFIDENTIAL.map(
        ([, other]) =>
          [tellOne, quoteOutside(`${one} ${other}, ${other}|${one}`, { secrets: [TOKEN], sent: SENT })] as const,
      ),
    ).filter(([tell, quoted]) => quoted.includes(tell));
    expect(shown).toEqual([]);
  });

  test.each([
    'Bad Request: chat not found',
    'Forbidden: bot was kicked from the supergroup chat',
    'Too Many Requests: retry after 432000',
    '{"response":{"status":"error","message":"eventTime does not match yyyy-MM-ddTHH:mm:ss±hhmm"}}',
    "certificate has expired at 2026-11-28T05:06:07Z, can't go on: 100% sure",
  ])('what says why stays: %s', (words) => {
    expect(
      quoteOutside(words, { secrets: [TOKEN, ''], sent: { ...SENT, short: 'a', number: 7, nothing: null, empty: '' } }),
    ).toBe(words);
  });

  test('a short value is taken out where it is a word, and not out of the middle of one', () => {
    expect(quoteOutside('user u7 of cu7e: "u7"', { sent: { userId: 'u7' } })).toBe(
      'user [redacted] of cu7e: "[redacted]"',
    );
  });

  test('of any answer little is kept, as whole characters, and it takes no time', () => {
    const startedAt = performance.now();
    for (const long of [
      'a'.repeat(1_000_000),
      '%41'.repeat(300_000),
      '+1 '.repeat(300_000),
      't.me/'.repeat(200_000),
      'a@'.repeat(500_000),
      '😀'.repeat(500_000),
      '\\u'.repeat(500_000),
      '&#'.repeat(500_000),
    ]) {
      const quoted = quoteOutside(long, { secrets: [TOKEN], sent: SENT });
      expect(quoted.length).toBeLessThanOrEqual(MAX_QUOTE_CHARACTERS);
      expect(quoted.isWellFormed()).toBe(true);
    }
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('a URL that an outside system names', () => {
  test.each([
    [
      'https://join-tracker-123456789012.asia-south1.run.app/v1/telegram/webhook',
      'https://join-tracker-123456789012.asia-south1.run.app/v1/telegram/webhook',
    ],
    ['https://old.example', 'https://old.example'],
    ['https://ada:sesame@old.example/x?key=sesame#sesame', 'https://old.example/x?…'],
    [`https://old.example/bot${TOKEN}/hook`, 'https://old.example[redacted]/hook'],
    ['https://old.example/hidden-secret', 'https://old.example/[redacted]'],
    ['tg://join?invite=ZzYyXx0987654321', '[redacted]'],
    ['no URL, but hidden-secret', 'no URL, but [redacted]'],
  ])('%s is shown as %s', (url, shown) => {
    expect(quoteUrl(url, { secrets: ['hidden-secret'] })).toBe(shown);
  });
});
