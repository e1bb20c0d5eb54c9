import type { SendTestMessage, SentTestMessage } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { Type } from 'typebox';
import { callForOperator, type OperatorCallDeps } from './call-for-operator.ts';

/** A message in a channel is by the channel: it has no `from`. */
const validateMessage = compileValidator(
  Type.Object({
    message_id: Type.Integer(),
    from: Type.Optional(Type.Object({ username: Type.Optional(Type.String()) })),
  }),
);

/**
 * Sends a text to the chat of a community, as it is: without parse_mode no character means anything. After a crash the
 * question comes again, and so may the message.
 * @throws QuestionRefused, QuestionDeferred, RetryableError
 */
export async function sendTestMessage(
  { askId, communityId, text, deferrals = 0 }: ReturnType<typeof SendTestMessage.parse>,
  deps: OperatorCallDeps,
): Promise<SentTestMessage> {
  const serving = await deps.bots.soonest(communityId, 'message');
  const turn = { communityId, callClass: 'message', chatId: await serving.chat.id() } as const;
  const make = async (): Promise<SentTestMessage> => {
    const { result, chatId } = await serving.call('sendMessage', { text });
    const sent = validateMessage(result);
    if (!sent.valid)
      throw new TelegramCallError('Telegram answered sendMessage without a message', { unreadable: true });
    const { message_id: messageId, from } = sent.value;
    return { botId: serving.bot.botId, username: from?.username, chatId, messageId: String(messageId) };
  };
  return callForOperator({ method: 'sendMessage', kind: 'message', turn, make, askId }, serving, deferrals, deps);
}
