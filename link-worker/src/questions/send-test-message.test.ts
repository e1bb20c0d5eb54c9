import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { SentTestMessage } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';
import { sendTestMessage } from './send-test-message.ts';
import { AskedTelegram, BOT } from './testing/asked-telegram.ts';

let telegram: AskedTelegram;
beforeEach(async () => {
  telegram = await AskedTelegram.open();
});
afterEach(() => telegram.close());

function send(answer: unknown, text: string): Promise<SentTestMessage> {
  const { bots, clock } = telegram;
  telegram.answers = [answer];
  const question = { askId: 'ask-1', traceparent: 't', communityId: 'gold', text };
  return sendTestMessage(question, { bots, clock, log: silentLog });
}

test.each([
  ['a group, where the bot signs', { message_id: 5, from: { id: 7, username: 'gold_bot' } }, 'gold_bot'],
  ['a channel, which signs itself', { message_id: 5, sender_chat: { id: -1001 } }, undefined],
])('a test message to %s is sent as it is', async (_name, answer, username) => {
  const text = '*not bold* <b>no tag</b> [no](link) _ `\\ & 😀';
  expect(await send(answer, text)).toEqual({ botId: BOT, username, chatId: '-1001', messageId: '5' });
  expect(telegram.calls).toEqual([{ method: 'sendMessage', parameters: { chat_id: '-1001', text } }]);
});

test.each([
  ['need administrator rights in the channel chat', /administrator with the right "Post messages"/],
  ['not enough rights to send text messages to the chat', /right to send messages/],
  ['message is too long', /4,096/],
  ['message text is empty', /something to see/],
])('when Telegram says "%s", the operator is told what to do', async (words, advice) => {
  const refusal = new TelegramApiError({ errorCode: 400, description: `Bad Request: ${words}` });
  await expect(send(refusal, 'hello')).rejects.toMatchObject({ message: expect.stringMatching(advice) });
});
