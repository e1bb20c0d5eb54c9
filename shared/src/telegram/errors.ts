/**
 * Telegram's own descriptions are under 200 characters; what is longer is cut, wherever it would go: log, document,
 * dead letter.
 */
const MAX_DESCRIPTION_CHARACTERS = 500;

/** Telegram answered, and the answer is an error. */
export class TelegramApiError extends Error {
  override readonly name = 'TelegramApiError';
  /** `telegram_<error code>`. */
  readonly code: string;
  readonly errorCode: number;
  /** Telegram's own words, such as "Bad Request: chat not found". */
  readonly description: string;
  /** Set for every 429: the pause that this bot has to keep. */
  readonly retryAfterSeconds: number | undefined;
  /** Set when the group became a supergroup under this new id. */
  readonly migrateToChatId: number | undefined;

  constructor(answer: {
    errorCode: number;
    description: string;
    retryAfterSeconds?: number | undefined;
    migrateToChatId?: number | undefined;
  }) {
    const description = answer.description.slice(0, MAX_DESCRIPTION_CHARACTERS).toWellFormed();
    super(`Telegram answered ${answer.errorCode}: ${description}`);
    this.code = `telegram_${answer.errorCode}`;
    this.errorCode = answer.errorCode;
    this.description = description;
    this.retryAfterSeconds = answer.retryAfterSeconds;
    this.migrateToChatId = answer.migrateToChatId;
  }
}

/** The pause that the answer orders, in milliseconds; 0 = none. */
export function orderedPauseMs(error: unknown): number {
  return error instanceof TelegramApiError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
}

/**
 * Telegram answers 401 to a token of the right form, 404 to one that is none, and 400 to that of a bot which was moved
 * to another server.
 */
export function isTokenRefusal(error: unknown): boolean {
  return (
    error instanceof TelegramApiError &&
    (error.errorCode === 401 || error.errorCode === 404 || /logged out/i.test(error.description))
  );
}

/** No answer of Telegram arrived, or none that can be read. Telegram may have done the work all the same. */
export class TelegramCallError extends Error {
  override readonly name = 'TelegramCallError';
  readonly code: 'telegram_unreachable' | 'telegram_unreadable';

  /** `unreadable`: something was answered, but not what the Bot API answers. */
  constructor(
    message: string,
    { unreadable = false, ...options }: ErrorOptions & { readonly unreadable?: boolean } = {},
  ) {
    super(message, options);
    this.code = unreadable ? 'telegram_unreadable' : 'telegram_unreachable';
  }
}
