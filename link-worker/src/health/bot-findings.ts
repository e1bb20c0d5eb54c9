import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import { quoteOutside, type Confidential } from '@paid-community/shared/platform/log/quote-outside.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import {
  explanationOf,
  isTokenRefused,
  notSeen,
  unknownBecauseOf,
  validateMember,
  wordsOf,
  type Reply,
} from './reply.ts';

// Only what is read (https://core.telegram.org/bots/api#user).
const validateUser = compileValidator(Type.Object({ username: Type.Optional(Type.String()) }));

const MAKE_ADMINISTRATOR = 'In the chat, make the bot an administrator with the right "Invite users via link"';

/** Whether Telegram answers at all, by what became of several calls. */
export function apiFinding(replies: readonly Reply[]): Finding {
  const check = 'telegram_api';
  const reasons = replies.map(unknownBecauseOf);
  const [reason] = reasons;
  if (reason === undefined || reasons.includes(undefined)) return { check, state: 'ok', meaning: 'Telegram answers' };
  const [reply] = replies;
  if (reply?.kind === 'refused' && reply.error.retryAfterSeconds !== undefined) {
    return {
      check,
      state: 'warning',
      meaning: reason,
      advice: 'Nothing: purchases wait, and get their links when the time is over',
    };
  }
  return {
    check,
    state: 'failing',
    meaning: reply?.kind === 'unanswered' ? wordsOf(reply.error) : reason,
    advice: `Purchases are kept and get their links when it answers again. ${(reply === undefined ? undefined : explanationOf(reply)?.advice) ?? 'Wait'}`,
  };
}

/** `furtherBotId`: of a bot of TELEGRAM_BOT_TOKENS. */
export function tokenFinding(me: Reply, confidential: Confidential, furtherBotId?: string): Finding {
  const check = 'bot_token';
  if (isTokenRefused(me) && furtherBotId !== undefined)
    return {
      check,
      state: 'failing',
      meaning: `Telegram refuses the token of the bot ${furtherBotId}: it was revoked, or is wrong, or the bot was deleted`,
      advice: `Ask @BotFather for its token (/mybots, API Token), put it into TELEGRAM_BOT_TOKENS and restart. The other bots of its communities go on; where it is the only one, purchases wait meanwhile`,
    };
  if (isTokenRefused(me)) {
    const { meaning = 'Telegram refuses TELEGRAM_BOT_TOKEN', advice = 'Check TELEGRAM_BOT_TOKEN' } =
      explanationOf(me) ?? {};
    return { check, state: 'failing', meaning, advice: `${advice}. Purchases wait meanwhile` };
  }
  if (me.kind !== 'result') return notSeen(check, me);
  const user = validateUser(me.result);
  return {
    check,
    state: 'ok',
    meaning: `The token is that of @${quoteOutside((user.valid ? user.value.username : undefined) ?? 'a bot without a name', confidential)}`,
  };
}

/** The chat of the settings. */
export function chatFinding(
  chat: Reply,
  me: Reply,
  { configured, current }: { readonly configured: string; readonly current: string },
): Finding {
  const check = 'chat';
  if (isTokenRefused(me) || unknownBecauseOf(chat) !== undefined) return notSeen(check, isTokenRefused(me) ? me : chat);
  if (chat.kind === 'refused') {
    return {
      check,
      state: 'failing',
      meaning: `The bot cannot see the chat ${current}: ${chat.error.description}`,
      advice: explanationOf(chat)?.advice ?? 'Check TELEGRAM_CHAT_ID, and that the bot is in that chat',
    };
  }
  if (current !== configured) {
    return {
      check,
      state: 'warning',
      meaning: `The group became a supergroup: the configured id ${configured} became ${current}. It is followed, and links are made there`,
      advice: `Set TELEGRAM_CHAT_ID to ${current} when it suits you`,
    };
  }
  return { check, state: 'ok', meaning: `The bot sees the chat ${current}` };
}

/** What the bot may do in the chat of the settings. */
export function rightsFinding(member: Reply, me: Reply, confidential: Confidential): Finding {
  const check = 'bot_rights';
  if (isTokenRefused(me) || unknownBecauseOf(member) !== undefined)
    return notSeen(check, isTokenRefused(me) ? me : member);
  const failing = (meaning: string, advice = MAKE_ADMINISTRATOR): Finding => ({
    check,
    state: 'failing',
    meaning: `${meaning}: no links can be made, and no joins are seen`,
    advice: `${advice}. Purchases wait meanwhile`,
  });
  if (member.kind === 'refused')
    return failing(
      `The bot has no standing in the chat (${member.error.description})`,
      `Add the bot to the chat. ${MAKE_ADMINISTRATOR}`,
    );
  const state = member.kind === 'result' ? validateMember(member.result) : undefined;
  if (state?.valid !== true)
    return { check, state: 'unknown', meaning: 'Telegram described the bot in a form that is not understood' };
  const { status, can_invite_users: mayInvite } = state.value;
  if (status === 'creator' || (status === 'administrator' && mayInvite === true)) {
    return { check, state: 'ok', meaning: 'The bot is an administrator and may invite users' };
  }
  if (status === 'administrator')
    return failing(
      'The bot is an administrator without the right "Invite users via link"',
      'In the chat, give the bot that right',
    );
  return failing(`The bot is no administrator of the chat (its status is ${quoteOutside(status, confidential)})`);
}
