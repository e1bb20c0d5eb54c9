import { NO_TOKEN, type AnswerKind, type ErrorKind, type KnownError } from './known-error.ts';
import { KNOWN_ERRORS } from './known-errors.ts';

export interface Explanation {
  readonly side: 'Telegram' | 'WebEngage';
  readonly kind: ErrorKind;
  /** False: the table has no such error, and it counts as one that passes. */
  readonly known: boolean;
  /** What it means, as a sentence without its full stop. */
  readonly meaning: string;
  /** What to do, and who; undefined when there is nothing to do. */
  readonly advice: string | undefined;
}

/**
 * As errors carry it, and as it is stored: its code names side and answer, its message holds the other side's words.
 */
export interface OutsideError {
  readonly code: string;
  readonly message: string;
}

/** `telegram_400`, `webengage_503`; `…_unreachable` = no answer, `…_unreadable` = one that is not of the form. */
const CODE = /^(telegram|webengage)_(\d{3}|unreachable|unreadable)$/;

/**
 * What an error of the outside means, by the table; undefined when it is none. `method` is the Bot API's, where it is
 * known.
 */
export function explainError({ code, message }: OutsideError, method?: string): Explanation | undefined {
  const [, prefix, answer = ''] = code === NO_TOKEN ? ['', 'telegram', NO_TOKEN] : (CODE.exec(code) ?? []);
  if (prefix === undefined) return undefined;
  const side = prefix === 'telegram' ? 'Telegram' : 'WebEngage';
  const words = message.toLowerCase();
  const row = KNOWN_ERRORS.find(
    (known) =>
      isOf(known, side, answer, method) && (known.says?.some((text) => words.includes(text.toLowerCase())) ?? true),
  );
  if (row !== undefined) return { side, kind: row.kind, known: true, meaning: row.meaning, advice: row.advice };
  return {
    side,
    kind: 'again',
    known: false,
    meaning: `${side} gives an answer that is not in the table of known errors`,
    advice: 'Read its words. It is tried again; when it stays, tell the people who maintain this system',
  };
}

function isOf(known: KnownError, side: Explanation['side'], answer: string, method: string | undefined): boolean {
  if (known.side !== 'both' && known.side !== side) return false;
  if (known.to !== undefined && (method === undefined || !known.to.includes(method))) return false;
  return known.answer.some((kind) => isAnswer(kind, answer));
}

function isAnswer(kind: AnswerKind, answer: string): boolean {
  switch (kind) {
    case '3xx':
    case '5xx':
      return /^\d{3}$/.test(answer) && answer.startsWith(kind.charAt(0));
    case 'none':
      return answer === 'unreachable';
    case 'unreadable':
    case NO_TOKEN:
      return answer === kind;
    default:
      return answer === String(kind);
  }
}

export interface ExplainedError extends OutsideError {
  readonly meaning?: string;
  readonly advice?: string;
}

/** The error that a link call has left in a request, with what it means and what to do, where the table says so. */
export function explainedLinkError({ code, message }: OutsideError): ExplainedError {
  const { meaning, advice } = explainError({ code, message }, 'createChatInviteLink') ?? {};
  return { code, message, ...(meaning === undefined ? {} : { meaning }), ...(advice === undefined ? {} : { advice }) };
}
