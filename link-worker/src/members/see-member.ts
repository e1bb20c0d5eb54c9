import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { Type } from 'typebox';
import type { ServingBot } from '../bots/serving-bot.ts';
import { classifyCallFailure } from '../calls/classify-failure.ts';
import { LOOK_TIMEOUT_MS } from '../health/look-at-bot.ts';

// Only what is read (https://core.telegram.org/bots/api#chatmember).
const validateMember = compileValidator(
  Type.Object({ status: Type.String(), is_member: Type.Optional(Type.Boolean()) }),
);

/** banned: outside, and an administrator lets the person in no more. */
export type SeenMember = 'inside' | 'outside' | 'banned';

/**
 * Where Telegram sees somebody. It may answer what was so up to half an hour ago, so this confirms and never decides.
 * Undefined: it did not say.
 * @throws RetryableError when the store does not answer.
 */
export async function seeMember(by: ServingBot, telegramUserId: string): Promise<SeenMember | undefined> {
  const method = 'getChatMember';
  try {
    const options = { timeoutMs: LOOK_TIMEOUT_MS };
    const member = validateMember((await by.call(method, { user_id: Number(telegramUserId) }, options)).result);
    return member.valid ? placeOf(member.value) : undefined;
  } catch (error) {
    if (!(error instanceof TelegramApiError || error instanceof TelegramCallError)) throw error;
    return classifyCallFailure(error, method).kind === 'already_done' ? 'outside' : undefined;
  }
}

function placeOf({
  status,
  is_member: isMember,
}: {
  readonly status: string;
  readonly is_member?: boolean;
}): SeenMember | undefined {
  switch (status) {
    case 'creator':
    case 'administrator':
    case 'member':
      return 'inside';
    case 'restricted':
      return isMember === true ? 'inside' : 'outside';
    case 'left':
      return 'outside';
    case 'kicked':
      return 'banned';
    default:
      return undefined;
  }
}
