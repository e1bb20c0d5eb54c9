/** Telegram answered, and the answer is an error. */
export class TelegramApiError extends Error {
  override readonly name = 'TelegramApiError';
  /** `telegram_<error code>`. */
  readonly code: string;
  readonly errorCode: number;
  /** Telegram's own words, such as "Bad Request: chat not found". */
  readonly description: string;
  /** Set for every 429: a full stop for this bot. */
  readonly retryAfterSeconds: number | undefined;
  /** Set when the group became a supergroup under this new id. */
  readonly migrateToChatId: number | undefined;

  constructor(answer: { errorCode: number; description: string; retryAfterSeconds?: number | undefined; migrateToChatId?: number | undefined }) {
    super(`Telegram answered ${answer.errorCode}: ${answer.description}`);
    this.code = `telegram_${answer.errorCode}`;
    this.errorCode = answer.errorCode;
    this.description = answer.description;
    this.retryAfterSeconds = answer.retryAfterSeconds;
    this.migrateToChatId = answer.migrateToChatId;
  }
}

/** No answer of Telegram arrived, or none that can be read. Telegram may have done the work all the same. */
export class TelegramCallError extends Error {
  override readonly name = 'TelegramCallError';
  readonly code: 'telegram_unreachable' | 'telegram_unreadable';

  /** `unreadable`: something was answered, but not what the Bot API answers. */
  constructor(message: string, { unreadable = false, ...options }: ErrorOptions & { readonly unreadable?: boolean } = {}) {
    super(message, options);
    this.code = unreadable ? 'telegram_unreadable' : 'telegram_unreachable';
  }
}
