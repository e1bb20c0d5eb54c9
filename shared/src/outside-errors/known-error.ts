/**
 * wait = the other side says for how long; again = it passes by itself; administrator = everything waits until somebody
 * mends it; user = only the person concerned can mend it; done = what was asked for is so already; final = this call
 * can never succeed.
 */
export type ErrorKind = 'wait' | 'again' | 'administrator' | 'user' | 'done' | 'final';

/** The code of an error without a call: the settings have no token of the bot that would make it. */
export const NO_TOKEN = 'bot_without_token';

/** `none` = no answer came; `unreadable` = an answer that is not of the form that the other side uses. */
export type AnswerKind = number | '3xx' | '5xx' | 'none' | 'unreadable' | typeof NO_TOKEN;

export interface KnownError {
  readonly side: 'Telegram' | 'WebEngage' | 'both';
  readonly answer: readonly AnswerKind[];
  /** One of these is in its words, in any case; absent = any words. */
  readonly says?: readonly string[];
  /** Only as the answer to one of these methods; absent = to any. */
  readonly to?: readonly string[];
  readonly kind: ErrorKind;
  /** What it means, as a sentence without its full stop. */
  readonly meaning: string;
  /** What to do, and who; absent when there is nothing to do. */
  readonly advice?: string;
  /** Where it is known from: see the list in docs/errors.md. */
  readonly source: string;
}
