import { chatFaults } from '@paid-community/shared/model/communities/chat-faults.ts';
import type { Community } from '@paid-community/shared/model/communities/community.ts';
import { ExamineChat } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { OperatorCall } from '../http/operation.ts';
import { askTelegram } from '../../telegram/ask-telegram.ts';

/**
 * Looks whether the bots of a community that has a chat may do there what its settings need.
 * @throws HttpError `conflict` that names what is missing
 */
export async function requireRights(community: Community, call: OperatorCall): Promise<void> {
  const { botIds } = community;
  // The document of `default` holds no chat: link-worker has it.
  const chatId = community.state === 'connected' ? community.chatId : undefined;
  const chat = await askTelegram(ExamineChat, { chatId, botIds: [...botIds] }, call);
  // In the document of `default`, no bots means that of the settings.
  const serving = botIds.length === 0 ? chat.bots.map(({ botId }) => botId) : botIds;
  const faults = chatFaults(chat, { ...community, botIds: serving });
  if (faults.length > 0) throw new HttpError('conflict', faults.join('. '));
}
