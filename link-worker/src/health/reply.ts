import { errorWithCauses } from '@paid-community/shared/platform/ports/errors.ts';
import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import { explainError, type Explanation } from '@paid-community/shared/outside-errors/explain-error.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import { isTokenRefusal, TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';

// Only what is read (https://core.telegram.org/bots/api#chatmember).
export const validateMember = compileValidator(
  Type.Object({
    status: Type.String(),
    can_invite_users: Type.Optional(Type.Boolean()),
    can_restrict_members: Type.Optional(Type.Boolean()),
  }),
);

/** What became of one call of Telegram. */
export type Reply =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'refused'; readonly error: TelegramApiError }
  | { readonly kind: 'unanswered'; readonly error: TelegramCallError };

/** @throws what is no answer of Telegram's, such as a RetryableError of the store. */
export async function replyTo(call: Promise<unknown>): Promise<Reply> {
  try {
    return { kind: 'result', result: await call };
  } catch (error) {
    if (error instanceof TelegramApiError) return { kind: 'refused', error };
    if (error instanceof TelegramCallError) return { kind: 'unanswered', error };
    throw error;
  }
}

/** Why a reply tells nothing: Telegram did not answer, has trouble of its own, or orders a pause. */
export function unknownBecauseOf(reply: Reply): string | undefined {
  if (reply.kind === 'unanswered') return 'Telegram did not answer';
  if (reply.kind === 'result') return undefined;
  const { retryAfterSeconds, errorCode } = reply.error;
  if (retryAfterSeconds !== undefined) return `Telegram asks to wait ${retryAfterSeconds} s`;
  return errorCode >= 500 ? `Telegram has trouble of its own (${errorCode})` : undefined;
}

export function isTokenRefused(reply: Reply): boolean {
  return reply.kind === 'refused' && isTokenRefusal(reply.error);
}

/** What the table of known errors says of it; undefined for a result. */
export function explanationOf(reply: Reply): Explanation | undefined {
  return reply.kind === 'result'
    ? undefined
    : explainError({ code: reply.error.code, message: wordsOf(reply.error) }, 'createChatInviteLink');
}

/** With its cause: "did not answer" alone helps nobody. */
export function wordsOf(error: Error): string {
  return errorWithCauses(error, WORDS_CHARACTERS);
}

const WORDS_CHARACTERS = 300;

/** Not looked at, and why. */
export function notSeen(check: string, because: Reply): Finding {
  const reason = isTokenRefused(because) ? 'Telegram does not know the bot' : unknownBecauseOf(because);
  return {
    check,
    state: 'unknown',
    meaning: `Not seen: ${reason ?? 'Telegram described it in a form that is not understood'}`,
  };
}
