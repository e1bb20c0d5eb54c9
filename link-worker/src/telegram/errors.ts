import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';

/** What a failed link call means for the request and for the bot. */
export type CallFailure =
  /** Telegram ordered the bot to be silent; nobody's fault, no attempt used. */
  | { readonly kind: 'stop'; readonly retryAfterSeconds: number }
  /** Nothing works until somebody mends the bot or the chat. */
  | { readonly kind: 'needs_administrator'; readonly hint: string }
  | { readonly kind: 'transient' };

// Telegram's words for "the bot may not do this here" (tdlib/telegram-bot-api).
const NEEDS_ADMINISTRATOR = /not enough rights|CHAT_ADMIN_REQUIRED|chat not found|bot was kicked|is not a member|need administrator rights/i;

export function classifyCallFailure(error: unknown): CallFailure {
  if (!(error instanceof TelegramApiError)) return { kind: 'transient' };
  if (error.retryAfterSeconds !== undefined) return { kind: 'stop', retryAfterSeconds: error.retryAfterSeconds };
  if (error.errorCode === 401 || error.errorCode === 404) {
    return { kind: 'needs_administrator', hint: 'Telegram does not know the bot: check TELEGRAM_BOT_TOKEN' };
  }
  if (error.migrateToChatId !== undefined) {
    return { kind: 'needs_administrator', hint: `the group became a supergroup: set TELEGRAM_CHAT_ID to ${error.migrateToChatId}` };
  }
  if (error.errorCode === 403 || NEEDS_ADMINISTRATOR.test(error.description)) {
    return { kind: 'needs_administrator', hint: 'make the bot an administrator of the chat with the right to invite users, and check TELEGRAM_CHAT_ID' };
  }
  return { kind: 'transient' };
}
