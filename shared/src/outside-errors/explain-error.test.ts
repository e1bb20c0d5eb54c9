import { describe, expect, test } from '@jest/globals';
import { TelegramApiError, TelegramCallError } from '../telegram/errors.ts';
import { explainError } from './explain-error.ts';
import { NO_TOKEN, type KnownError } from './known-error.ts';
import { KNOWN_ERRORS } from './known-errors.ts';

/** The error that a row is about, as the code would hold it. */
function errorOf({ side, answer: [answer = 'none'], says }: KnownError): {
  readonly code: string;
  readonly message: string;
} {
  const status =
    { '3xx': '302', '5xx': '503', none: 'unreachable', unreadable: 'unreadable', [NO_TOKEN]: NO_TOKEN }[answer] ??
    String(answer);
  return {
    code: answer === NO_TOKEN ? NO_TOKEN : `${side === 'WebEngage' ? 'webengage' : 'telegram'}_${status}`,
    message: `It was said: ${says?.[0]?.toUpperCase() ?? 'whatever'}`,
  };
}

describe('the table of known errors', () => {
  test('no row is hidden by one above it', () => {
    const hidden = KNOWN_ERRORS.filter((row) => explainError(errorOf(row), row.to?.[0])?.meaning !== row.meaning);
    expect(hidden).toEqual([]);
  });

  test('an error that somebody has to mend says what to do', () => {
    expect(
      KNOWN_ERRORS.filter(({ kind, advice }) => (kind === 'administrator' || kind === 'user') && advice === undefined),
    ).toEqual([]);
  });

  test('meaning and advice are sentences without their full stop', () => {
    const texts = KNOWN_ERRORS.flatMap(({ meaning, advice = meaning }) => [meaning, advice]);
    expect(texts.filter((text) => !/^[A-Z].*[^.]$/.test(text) && !text.startsWith('npm '))).toEqual([]);
  });
});

test.each([
  ['a bot that was logged out', 400, 'Logged out', 'administrator'],
  ['a chat that the bot never met', 400, 'Bad Request: PEER_ID_INVALID', 'administrator'],
  ['a deleted account in the place of the chat', 403, 'Forbidden: user is deactivated', 'administrator'],
  ['a deleted group', 403, 'Forbidden: the group chat was deleted', 'administrator'],
  ['words that nobody has seen with 403', 403, 'Forbidden: something new', 'administrator'],
  ['a wrong token', 401, 'Unauthorized', 'administrator'],
  ['a pause', 429, 'Too Many Requests: retry after 5', 'wait'],
  ['a restart', 500, 'Internal Server Error: restart', 'again'],
  ['a bad gateway', 502, 'no description', 'again'],
])('%s (%i %s) is of the kind that the table says', (_name, errorCode, description, kind) => {
  expect(explainError(new TelegramApiError({ errorCode, description }), 'createChatInviteLink')).toMatchObject({
    side: 'Telegram',
    kind,
    known: true,
  });
});

test('the same words may mean another thing to another method', () => {
  const deleted = new TelegramApiError({ errorCode: 403, description: 'Forbidden: user is deactivated' });
  expect(explainError(deleted, 'sendMessage')).toMatchObject({ kind: 'final' });
});

test('why there was no answer is read from the words of its cause', () => {
  expect(
    explainError({
      code: 'telegram_unreachable',
      message: 'Telegram did not answer getMe: getaddrinfo ENOTFOUND api.telegram.org',
    }),
  ).toMatchObject({ kind: 'again', meaning: 'The name of the host cannot be resolved' });
  expect(
    explainError({ code: 'webengage_unreachable', message: 'WebEngage did not answer: certificate has expired' }),
  ).toMatchObject({ side: 'WebEngage', kind: 'administrator' });
  expect(explainError(new TelegramCallError('something else', { unreadable: true }))).toMatchObject({
    kind: 'again',
    meaning: expect.stringContaining('not one that the API gives'),
  });
});

test('an answer that is in no row is tried again, and is known to be unknown', () => {
  expect(explainError(new TelegramApiError({ errorCode: 418, description: 'Teapot' }))).toMatchObject({
    kind: 'again',
    known: false,
  });
  expect(
    explainError(
      new TelegramApiError({ errorCode: 400, description: 'Bad Request: SOMETHING_NEW' }),
      'createChatInviteLink',
    ),
  ).toMatchObject({ kind: 'again', known: false });
});

test('errors of our own are not explained', () => {
  expect(explainError({ code: 'storage_full', message: 'no space' })).toBeUndefined();
  expect(explainError({ code: 'telegram_', message: '' })).toBeUndefined();
});
