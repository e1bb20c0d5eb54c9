import { errorCode, errorWithCauses } from '@paid-community/shared/platform/delivery/errors.ts';
import { explainError, type Explanation } from '@paid-community/shared/outside-errors/explain-error.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';

/** What a failed link call means for the request and for the bot, by the table of known errors. */
export type CallFailure =
  /** Telegram ordered the bot to be silent; nobody's fault, no attempt used. */
  | { readonly kind: 'stop'; readonly retryAfterSeconds: number }
  /**
   * needs_administrator = nothing works until somebody mends the bot or the chat; refused = this call can never
   * succeed; unknown = in no row of the table, and tried again like what is transient.
   */
  | {
      readonly kind: 'needs_administrator' | 'refused' | 'transient' | 'unknown';
      readonly explanation: Explanation | undefined;
    };

/** The words that tell one error from another stand at its beginning. */
const WORDS_CHARACTERS = 1_000;

export type LinkMethod = 'createChatInviteLink' | 'revokeChatInviteLink';

export function classifyCallFailure(error: unknown, method: LinkMethod): CallFailure {
  if (error instanceof TelegramApiError && error.retryAfterSeconds !== undefined)
    return { kind: 'stop', retryAfterSeconds: error.retryAfterSeconds };
  const explanation = explainError(
    { code: errorCode(error), message: errorWithCauses(error, WORDS_CHARACTERS) },
    method,
  );
  if (explanation === undefined) return { kind: 'transient', explanation };
  if (!explanation.known) return { kind: 'unknown', explanation };
  switch (explanation.kind) {
    case 'administrator':
      return { kind: 'needs_administrator', explanation };
    case 'final':
      return { kind: 'refused', explanation };
    case 'wait':
    case 'again':
    case 'user':
    case 'done':
      return { kind: 'transient', explanation };
  }
}
