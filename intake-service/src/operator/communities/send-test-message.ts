import { SendTestMessage } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { askTelegram } from '../../telegram/ask-telegram.ts';
import { communityField } from './community-field.ts';
import { requireConnected } from './require-connected.ts';

const TEXT = 'Test message: the bot can write here.';

const sent = {
  botId: Type.String({ description: 'the bot that sent it' }),
  username: Type.Optional(Type.String({ description: 'of the bot, without @; absent in a channel' })),
  chatId: Type.String(),
  messageId: Type.String(),
};

export const testMessage = defineOperation({
  action: 'communities.test-message',
  method: 'POST',
  path: '/communities/:communityId/test-message',
  refusals: ['not_found', 'conflict'],
  summary: 'Sends a message to the chat of a community, as it is, without formatting. Everybody in the chat sees it.',
  input: Type.Object(
    {
      ...communityField,
      text: Type.Optional(
        Type.String({
          // Some sign that can be seen; Telegram refuses a text of blanks.
          pattern: '[^\\s\\p{C}]',
          maxUtf16Units: 4_096,
          format: 'unicode',
          description:
            'a text with something to see, of 4,096 UTF-16 units at most, as Telegram counts: an emoji is two',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object(sent),
  logged: ({ communityId }, answer) => ({ communityId, botId: answer?.botId, messageId: answer?.messageId }),
  run: async ({ communityId, text = TEXT }, call) => {
    await requireConnected(communityId, call.store);
    return askTelegram(SendTestMessage, { communityId, text }, call);
  },
});
