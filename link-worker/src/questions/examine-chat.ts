import type { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { powerless, type ExaminedChat } from '@paid-community/shared/model/communities/chat-standing.ts';
import type { Bot } from '../bots/bot.ts';
import type { Bots } from '../bots/bots.ts';
import { lookAtChat, type CalledChat, type ChatLook } from '../health/look-at-chat.ts';
import { QuestionRefused } from './answer-question.ts';

export interface ExamineChatDeps {
  readonly bots: Bots;
  readonly communities: Pick<KnownCommunities, 'byChat'>;
  /** TELEGRAM_CHAT_ID. */
  readonly chatOfSettings: string;
}

/**
 * What a chat is, which may be that of no community yet, and what each of the bots may do there. A chat that became
 * another one is looked at under its new id.
 * @throws QuestionRefused when Telegram does not say, or when another community is to get the chat of the settings;
 *   RetryableError when the store does not answer.
 */
export async function examineChat(
  { chatId, botIds }: { readonly chatId?: string | undefined; readonly botIds: readonly string[] },
  { bots, communities, chatOfSettings }: ExamineChatDeps,
): Promise<ExaminedChat> {
  const asked = botIds.length === 0 ? [bots.all[0].botId] : botIds;
  const known = asked.map((botId) => bots.byId(botId)).filter((bot) => bot !== undefined);
  const unknown = asked
    .filter((botId) => bots.byId(botId) === undefined)
    .map((botId) => powerless(botId, 'unknown_bot'));
  const seen = await lookWith(chatId ?? chatOfSettings, known);
  // Only link-worker knows it before the first look: the settings of intake-service do not have it.
  if (chatId !== undefined && (await communities.byChat(seen?.chatId ?? chatId))?.communityId === DEFAULT_COMMUNITY)
    throw new QuestionRefused(
      'chat_of_default',
      `The community "${DEFAULT_COMMUNITY}" has this chat, by TELEGRAM_CHAT_ID; a chat belongs to one community`,
    );
  return seen === undefined
    ? { chatId: chatId ?? chatOfSettings, bots: unknown }
    : { ...seen, bots: asked.flatMap((botId) => [...seen.bots, ...unknown].filter((bot) => bot.botId === botId)) };
}

async function lookWith(chatId: string, bots: readonly Bot[]): Promise<ExaminedChat | undefined> {
  const [first, ...others] = bots;
  if (first === undefined) return undefined;
  const lookIn = (id: string): Promise<ChatLook> => lookAtChat(id, [first, ...others], chatById(id));
  const look = await lookIn(chatId);
  const movedTo = [look.chat, ...look.members]
    .map((reply) => (reply.kind === 'refused' ? reply.error.migrateToChatId : undefined))
    .find((id) => id !== undefined);
  const { examined, unseenBecause } = movedTo === undefined ? look : await lookIn(String(movedTo));
  if (unseenBecause !== undefined)
    throw new QuestionRefused('telegram_did_not_say', `${unseenBecause}, so nobody knows what the chat is: ask again`);
  return examined;
}

/** A chat that may be no community's. */
function chatById(chatId: string): CalledChat {
  return {
    call: async (bot, method, parameters, options) => ({
      result: await bot.api.call(method, { chat_id: chatId, ...parameters }, options),
      chatId,
    }),
  };
}
