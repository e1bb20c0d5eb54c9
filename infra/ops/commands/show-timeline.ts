import { fromLinkName, isRequestId } from '@paid-community/shared/model/purchases/request-id.ts';
import { isInviteLink } from '@paid-community/shared/telegram/invite-link-forms.ts';
import { defineCommand, type CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { ApiError } from '../ops-api.ts';
import { formatFields, formatTable } from '../table.ts';
import { UsageError } from '../command-line/usage-error.ts';

interface LastError {
  readonly code: string;
  readonly message: string;
  readonly meaning?: string;
  readonly advice?: string;
}

interface Answer {
  readonly requestId: string;
  readonly request?: { readonly status: string; readonly lastError?: LastError };
  readonly timeline: readonly { readonly at: string; readonly what: string; readonly detail?: string }[];
  readonly deadLetters: readonly {
    readonly id: string;
    readonly source: string;
    readonly status: string;
    readonly code: string;
  }[];
}

const LINK_HASH = /^[0-9a-f]{64}$/;

export const showTimeline = defineCommand({
  name: 'show',
  summary: 'The whole story of a purchase: accepted, attempts and their errors, link, events, join, dead letters.',
  parameters: [
    {
      name: 'request',
      description:
        "its requestId, or its invite link, the link's SHA-256, or the link's name in Telegram; `find` knows the rest",
    },
  ],
  options: {},
  run: async ({ parameters: [given = ''] }, { api, output }) => {
    const story = await api.get<Answer>(`/requests/${await requestIdOf(given, api)}`);
    const { requestId, request, timeline, deadLetters } = story;
    output.result({ requestId, request, timeline, deadLetters }, () => describe(story));
    return exitCodes.done;
  },
});

async function requestIdOf(given: string, api: CommandContext['api']): Promise<string> {
  const id = given.trim().toLowerCase();
  const named = fromLinkName(id);
  if (named !== undefined) return named;
  if (isRequestId(id)) return id;
  if (!LINK_HASH.test(id) && !given.startsWith('https://') && !isInviteLink(given))
    throw new UsageError(
      'show takes a requestId, an invite link, its SHA-256 or its name; by anything else: find --user, --transaction or --telegram-user',
    );
  const { requests } = await api.post<{ readonly requests: readonly { readonly requestId: string }[] }>(
    '/requests/find',
    { inviteLink: given },
  );
  if (requests[0] === undefined) throw new ApiError(404, 'No purchase has this link');
  return requests[0].requestId;
}

function describe({ requestId, request, timeline, deadLetters }: Answer): string {
  return [
    request === undefined
      ? `There is no request ${requestId}, but traces of it:`
      : formatFields({ requestId, ...request, lastError: undefined, ...errorFields(request.lastError) }),
    '',
    formatTable(
      ['at', 'what', ''],
      timeline.map(({ at, what, detail }) => [at, what, detail]),
    ),
    ...(deadLetters.length === 0
      ? []
      : [
          '',
          'Dead letters',
          formatTable(
            ['id', 'source', 'status', 'code'],
            deadLetters.map(({ id, source, status, code }) => [id, source, status, code]),
          ),
        ]),
  ].join('\n');
}

function errorFields(lastError: LastError | undefined): Readonly<Record<string, string | undefined>> {
  if (lastError === undefined) return {};
  const { code, message, meaning, advice } = lastError;
  return { lastError: `${code}: ${message}`, meaning, advice };
}
