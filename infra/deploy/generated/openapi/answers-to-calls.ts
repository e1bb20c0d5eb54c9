import { linkAskedFor, linkConfirmed } from '@paid-community/shared/model/links/named-link.ts';
import { MakeNamedLink, SendTestMessage } from '@paid-community/shared/model/operations/telegram-questions.ts';

const ASKED_AT_MS = Date.parse('2026-01-01T00:00:00.000Z');
const RETENTION_DAYS = 400;

/** What link-worker answers to the questions of the examples that need a call, by the type of the question. */
export function answersToCalls(
  botId: string,
  username: string,
): Readonly<Record<string, (question: unknown) => object>> {
  return {
    [MakeNamedLink.type]: (question) =>
      linkConfirmed(
        linkAskedFor({ ...MakeNamedLink.read(question), botId }, ASKED_AT_MS, RETENTION_DAYS),
        { inviteLink: 'https://t.me/+launchParty', chatId: '-1001' },
        RETENTION_DAYS,
      ),
    [SendTestMessage.type]: () => ({ botId, username, chatId: '-1001', messageId: '5' }),
  };
}
