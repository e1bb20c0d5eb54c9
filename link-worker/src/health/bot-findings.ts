import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import { quoteOutside, type Confidential } from '@paid-community/shared/platform/log/quote-outside.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import type { Replies } from './ask-telegram.ts';
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

/** The bot, the chat and what the bot may do there, from Telegram's own answers. */
export function botFindings(
  { me, chat, member }: Replies,
  ids: { readonly configured: string; readonly current: string },
  confidential: Confidential,
): readonly Finding[] {
  return [
    apiFinding([me, chat, member]),
    tokenFinding(me, confidential),
    chatFinding(chat, me, ids),
    rightsFinding(member, me, confidential),
  ];
}

function apiFinding(replies: readonly Reply[]): Finding {
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

function tokenFinding(me: Reply, confidential: Confidential): Finding {
  const check = 'bot_token';
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

function chatFinding(
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

function rightsFinding(member: Reply, me: Reply, confidential: Confidential): Finding {
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
