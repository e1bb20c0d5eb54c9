import {
  powerless,
  type BotStanding,
  type ExaminedChat,
} from '@paid-community/shared/model/communities/chat-standing.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { quoteOutside } from '@paid-community/shared/platform/log/quote-outside.ts';
import { Type } from 'typebox';
import type { Bot } from '../bots/bot.ts';
import type { CommunityChat } from '../bots/community-chat.ts';
import { eachOf } from './each-of.ts';
import { LOOK_TIMEOUT_MS } from './look-at-bot.ts';
import { isTokenRefused, replyTo, unknownBecauseOf, validateMember, type Reply } from './reply.ts';

// Only what is read (https://core.telegram.org/bots/api#chatfullinfo).
const validateChat = compileValidator(
  Type.Object({
    id: Type.Integer(),
    type: Type.String({ pattern: '^[a-z]{1,20}$' }),
    title: Type.Optional(Type.String()),
  }),
);

/** How a bot calls in the chat. */
export type CalledChat = Pick<CommunityChat, 'call'>;

/** https://core.telegram.org/bots/api#chatmember; another word is not repeated: it is shown and logged. */
const STATUSES = ['creator', 'administrator', 'member', 'restricted', 'left', 'kicked'];

export interface ChatLook {
  /** Of getChat, by the first bot that sees the chat. */
  readonly chat: Reply;
  /** Of getChatMember, in the order of the bots. */
  readonly members: readonly Reply[];
  /** The bots of which Telegram has told something. */
  readonly examined: ExaminedChat;
  /** Why there is something that Telegram has not told; undefined: it has told all. */
  readonly unseenBecause: string | undefined;
}

/**
 * What the chat is, and what each bot may do there; changes nothing. `chatId` is how it is asked for.
 * @throws RetryableError when the store does not answer.
 */
export async function lookAtChat(
  chatId: string,
  bots: readonly [Bot, ...Bot[]],
  called: CalledChat,
): Promise<ChatLook> {
  const ask = (bot: Bot, method: string, parameters = {}): Promise<Reply> =>
    replyTo(called.call(bot, method, parameters, { timeoutMs: LOOK_TIMEOUT_MS }).then(({ result }) => result));
  const [first] = bots;
  const [chatByFirst, count, members] = await Promise.all([
    ask(first, 'getChat'),
    ask(first, 'getChatMemberCount'),
    eachOf(bots, (bot) => ask(bot, 'getChatMember', { user_id: Number(bot.botId) })),
  ]);
  const other = bots.find((_, index) => index > 0 && members[index]?.kind === 'result');
  const chat = chatByFirst.kind === 'result' || other === undefined ? chatByFirst : await ask(other, 'getChat');
  const described = validateChat(chat.kind === 'result' ? chat.result : undefined);
  const standings = await Promise.all(bots.map((bot, index) => standingOf(bot, members[index])));
  return {
    chat,
    members,
    examined: {
      chatId: described.valid ? String(described.value.id) : chatId,
      title: described.valid && described.value.title !== undefined ? quoteOutside(described.value.title) : undefined,
      kind: described.valid ? described.value.type : undefined,
      memberCount: count.kind === 'result' && typeof count.result === 'number' ? count.result : undefined,
      bots: standings.filter((standing) => standing !== undefined),
    },
    unseenBecause: [chat, ...members].map(unknownBecauseOf).find((reason) => reason !== undefined),
  };
}

/** Undefined: Telegram has not told it. */
async function standingOf(bot: Bot, member: Reply | undefined): Promise<BotStanding | undefined> {
  if (member === undefined || unknownBecauseOf(member) !== undefined) return undefined;
  const { botId } = bot;
  if (isTokenRefused(member)) return powerless(botId, 'token_refused');
  const username = await bot.username();
  if (member.kind !== 'result') return { ...powerless(botId, statusOfRefused(member)), username };
  const state = validateMember(member.result);
  if (!state.valid) return undefined;
  const { can_invite_users: invites, can_restrict_members: restricts } = state.value;
  const status = STATUSES.find((known) => known === state.value.status) ?? 'unknown';
  const may = (right: boolean | undefined): boolean =>
    status === 'creator' || (status === 'administrator' && right === true);
  return { botId, username, status, mayInvite: may(invites), mayRestrict: may(restricts) };
}

function statusOfRefused(member: Reply): string {
  const words = member.kind === 'refused' ? member.error.description : '';
  if (/kicked/i.test(words)) return 'kicked';
  return /not a member|inaccessible/i.test(words) ? 'left' : 'chat_not_found';
}
