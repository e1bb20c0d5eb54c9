import { chatFaults } from '@paid-community/shared/model/communities/chat-faults.ts';
import type { CommunitySettings } from '@paid-community/shared/model/communities/community.ts';
import { ExamineChat } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { OperatorCall } from '../http/operation.ts';
import { askTelegram } from '../../telegram/ask-telegram.ts';

/**
 * Looks whether the bots may do in the chat what the settings need. `chatId` undefined: the chat of `default`, which
 * link-worker has.
 * @throws HttpError `conflict` that names what is missing
 */
export async function requireRights(
  chatId: string | undefined,
  { botIds, removal }: Pick<CommunitySettings, 'botIds' | 'removal'>,
  call: OperatorCall,
): Promise<void> {
  const chat = await askTelegram(ExamineChat, { chatId, botIds: [...botIds] }, call);
  // In the document of `default`, no bots means that of the settings.
  const serving = botIds.length === 0 ? chat.bots.map(({ botId }) => botId) : botIds;
  const faults = chatFaults(chat, { botIds: serving, removal });
  if (faults.length > 0) throw new HttpError('conflict', faults.join('. '));
}
