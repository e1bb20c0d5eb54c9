import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

interface Answer {
  readonly botId: string;
  readonly username?: string;
  readonly chatId: string;
  readonly messageId: string;
}

export const sendTestMessage = defineCommand({
  name: 'communities test-message',
  summary: 'Sends a message to the chat of a community, as it is. Everybody in the chat sees it.',
  parameters: [
    { name: 'communityId', description: 'as communities list shows it' },
    { name: 'text', description: 'up to 4,096 characters; a sentence of its own without it', optional: true },
  ],
  options: {},
  ifUnfinished: 'Perhaps it was sent: look into the chat. Running it again sends another one',
  run: async ({ parameters: [communityId = '', text] }, { api, output }) => {
    const { botId, username, chatId, messageId } = await api.post<Answer>(
      `/communities/${encodeURIComponent(communityId)}/test-message`,
      { text },
    );
    output.result(
      { botId, username, chatId, messageId },
      () =>
        `The bot ${username === undefined ? botId : `@${username} (${botId})`} sent message ${messageId} to the chat ${chatId}.`,
    );
    return exitCodes.done;
  },
});
