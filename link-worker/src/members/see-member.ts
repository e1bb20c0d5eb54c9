import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import type { ServingBot } from '../bots/serving-bot.ts';
import { classifyCallFailure } from '../calls/classify-failure.ts';
import { LOOK_TIMEOUT_MS } from '../health/look-at-bot.ts';
import { replyTo } from '../health/reply.ts';

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
  const call = by.call(method, { user_id: Number(telegramUserId) }, { timeoutMs: LOOK_TIMEOUT_MS });
  const reply = await replyTo(call.then(({ result }) => result));
  if (reply.kind !== 'result')
    return classifyCallFailure(reply.error, method).kind === 'already_done' ? 'outside' : undefined;
  const member = validateMember(reply.result);
  return member.valid ? placeOf(member.value) : undefined;
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
