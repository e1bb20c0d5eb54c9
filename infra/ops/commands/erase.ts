import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { followPages } from './follow-pages.ts';

/** What the counts of the answer mean. */
const LABELS = {
  requests: 'requests, now tombstones',
  links: 'links',
  joins: 'joins',
  unmatchedJoins: 'joins without a link of ours',
  memberships: 'memberships',
  grants: 'what gave them time',
  ledgerEntries: 'ledger entries, emptied',
  deadLetters: 'dead letters',
  messages: 'retained messages',
} as const;
type Kind = keyof typeof LABELS;
type Erased = Readonly<Record<Kind, number>>;

/** Somebody is inside by it, and nobody removes this person any more. */
interface Lost {
  readonly membershipId: string;
  readonly communityId: string;
  readonly endsAt?: string;
}

interface Answer {
  readonly erased: Erased;
  readonly requestIds: readonly string[];
  readonly lost?: readonly Lost[];
  readonly kept?: { readonly messages: number; readonly until: string };
  readonly nextCursor?: string;
}

export const erase = defineCommand({
  name: 'erase',
  summary: 'Removes what the system knows of a person, and lists it. No replay or rebuild brings anything back.',
  parameters: [],
  options: {
    user: { type: 'string', value: 'ID', description: 'userId of the purchases' },
    request: {
      type: 'string',
      value: 'ID',
      description: 'or one purchase only, by its requestId: what a restored backup has brought back',
    },
    'telegram-user': {
      type: 'string',
      value: 'ID',
      description:
        'and Telegram id, for joins and updates that no link of ours explains; alone for people who were imported by it',
    },
    now: {
      type: 'boolean',
      description:
        'also while somebody is inside who is to be removed, now or at the end: the person stays inside then',
    },
    'telegram-username': {
      type: 'string',
      value: 'NAME',
      description: 'and Telegram username, for updates that were too broken to hold the id',
    },
  },
  run: async ({ values }, context) => {
    const { api, output } = context;
    const userId = values.user;
    if (userId === undefined && values.request === undefined && values['telegram-user'] === undefined)
      throw new UsageError(
        'erase needs --user: the userId of the purchases; or --request: one of them; or --telegram-user',
      );
    const known = 'What the system knows of this person is removed; their link cannot be looked up any more.';
    await context.confirm(values.now === true ? `${known} Where the person is inside, nobody removes them.` : known);
    const body = {
      userId,
      requestId: values.request,
      telegramUserId: values['telegram-user'],
      telegramUsername: values['telegram-username'],
      now: values.now,
    };
    const pages = await followPages(
      'removed',
      output,
      (cursor) => api.post<Answer>('/erase', { ...body, cursor }),
      ({ erased }) => Object.values(erased).reduce((sum, count) => sum + count, 0),
    );
    const names = Object.keys(LABELS) as Kind[];
    const erased = Object.fromEntries(
      names.map((name) => [name, pages.reduce((sum, page) => sum + page.erased[name], 0)]),
    ) as Erased;
    const requestIds = [...new Set(pages.flatMap((page) => page.requestIds))];
    const lost = pages.flatMap((page) => page.lost ?? []);
    const kept = pages.flatMap((page) => page.kept ?? []);
    const keptUntil = kept
      .map(({ until }) => until)
      .toSorted()
      .at(-1);
    const keptMessages = kept.reduce((sum, { messages }) => sum + messages, 0);
    output.result({ erased, requestIds, lost, keptMessages, keptUntil }, () =>
      [
        formatTable(
          ['removed', 'count'],
          names.map((name) => [LABELS[name], erased[name]]),
        ),
        ...(requestIds.length === 0
          ? ['No purchase of this person was known.']
          : ['Requests:', ...requestIds.map((id) => `  ${id}`)]),
        ...lost.map(
          ({ communityId, membershipId, endsAt }) =>
            `Nobody removes from ${communityId} who is inside by membership ${membershipId}${endsAt === undefined ? '' : `, which would have ended ${endsAt}`}.`,
        ),
        ...(keptUntil === undefined
          ? []
          : [
              `Pub/Sub cannot remove single messages: copies of ${keptMessages} are gone by ${keptUntil}, and do nothing if they are replayed.`,
            ]),
        'Backups made before this still hold the data, until they are deleted.',
      ].join('\n'),
    );
    return requestIds.length === 0 && names.every((name) => erased[name] === 0) ? exitCodes.failures : exitCodes.done;
  },
});
