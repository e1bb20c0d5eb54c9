import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { linesOfNextPage, pageOf, pageOptions } from './page-options.ts';

interface Answer {
  readonly requests: readonly {
    readonly requestId: string;
    readonly status: string;
    readonly userId: string;
    readonly transactionId: string;
    readonly createdAt: string;
    readonly linkCreatedAt?: string;
  }[];
  readonly unmatchedJoins?: readonly { readonly joinedAt: string; readonly reason: string; readonly chatId: string }[];
  readonly nextCursor?: string;
}

export const findRequests = defineCommand({
  name: 'find',
  summary:
    'Purchases of a user, a transaction, an invite link or a Telegram user, newest first. Code 1 when there are none.',
  parameters: [],
  options: {
    user: { type: 'string', value: 'U', description: 'the buyer as WebEngage knows him' },
    transaction: { type: 'string', value: 'T', description: 'id of the transaction' },
    link: {
      type: 'string',
      value: 'L',
      description: 'the invite link in any form (t.me/+…, tg://join?invite=…), or its SHA-256, as logs have it',
    },
    'telegram-user': { type: 'string', value: 'N', description: 'the number by which Telegram knows who joined' },
    ...pageOptions,
  },
  run: async ({ values }, { api, output }) => {
    const by = {
      userId: values.user,
      transactionId: values.transaction,
      inviteLink: values.link,
      telegramUserId: values['telegram-user'],
    };
    if (Object.values(by).filter((value) => value !== undefined).length !== 1)
      throw new UsageError('Find by what: --user, --transaction, --link or --telegram-user?');
    const { requests, unmatchedJoins, nextCursor } = await api.post<Answer>('/requests/find', {
      ...by,
      ...pageOf(values),
    });
    output.result({ requests, unmatchedJoins, nextCursor }, () =>
      describe({ requests, ...(unmatchedJoins === undefined ? {} : { unmatchedJoins }) }, nextCursor),
    );
    return requests.length === 0 && (unmatchedJoins ?? []).length === 0 ? exitCodes.failures : exitCodes.done;
  },
});

function describe({ requests, unmatchedJoins = [] }: Answer, nextCursor: string | undefined): string {
  const rows = requests.map(({ requestId, status, createdAt, linkCreatedAt, userId, transactionId }) => [
    requestId,
    status,
    createdAt,
    linkCreatedAt,
    userId,
    transactionId,
  ]);
  return [
    requests.length === 0
      ? 'No purchases match.'
      : formatTable(['request', 'status', 'accepted', 'link created', 'user', 'transaction'], rows),
    ...(unmatchedJoins.length === 0
      ? []
      : [
          '',
          'Joins that no link of this system explains',
          formatTable(
            ['at', 'why', 'chat'],
            unmatchedJoins.map(({ joinedAt, reason, chatId }) => [joinedAt, reason, chatId]),
          ),
        ]),
    ...linesOfNextPage(nextCursor),
    ...(requests.length === 0
      ? []
      : ['', `npm run ops -- show ${requests[0]?.requestId ?? ''} tells the whole story.`]),
  ].join('\n');
}
