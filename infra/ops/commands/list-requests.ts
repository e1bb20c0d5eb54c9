import { secondsArgument, timeRange } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { linesOfNextPage, pageOf, pageOptions } from './page-options.ts';

interface Answer {
  readonly requests: readonly {
    readonly requestId: string;
    readonly status: string;
    readonly attempts: number;
    readonly retries: number;
    readonly nextAttemptAt?: string;
    readonly failedAt?: string;
    readonly lastError?: { readonly code: string; readonly message: string };
  }[];
  readonly nextCursor?: string;
}

export const listRequests = defineCommand({
  name: 'requests list',
  summary:
    'Requests that were given up (--failed), whose next attempt is long overdue (--stuck), or that wait for another one (--waiting).',
  parameters: [],
  options: {
    failed: { type: 'boolean', description: 'given up, newest first' },
    stuck: { type: 'boolean', description: 'the next attempt is overdue by --stuck-for, longest first' },
    waiting: { type: 'boolean', description: 'an attempt failed and another one comes, soonest first' },
    'stuck-for': {
      type: 'string',
      value: 'D',
      description: 'a duration (default: 1h; a task may wait that long in a queue with a backlog)',
    },
    since: {
      type: 'string',
      value: 'T',
      description: 'only those that failed, or whose next attempt is, at this time or later',
    },
    until: { type: 'string', value: 'T', description: 'only before this time' },
    ...pageOptions,
  },
  run: async ({ values }, { api, output, now }) => {
    const states = (['failed', 'stuck', 'waiting'] as const).filter((state) => values[state] === true);
    if (states.length !== 1) throw new UsageError('Which ones: --failed, --stuck or --waiting?');
    const { requests, nextCursor } = await api.get<Answer>('/requests', {
      state: states[0],
      stuckForSeconds: secondsArgument('stuck-for', values['stuck-for']),
      ...timeRange(values, now()),
      ...pageOf(values),
    });
    output.result({ requests, nextCursor }, () => describe(requests, nextCursor));
    return exitCodes.done;
  },
});

function describe(requests: Answer['requests'], nextCursor: string | undefined): string {
  if (requests.length === 0) return 'No requests match.';
  const rows = requests.map(({ requestId, status, attempts, retries, nextAttemptAt, failedAt, lastError }) => [
    requestId,
    status,
    failedAt ?? nextAttemptAt,
    attempts,
    retries,
    lastError === undefined ? '' : `${lastError.code}: ${lastError.message}`,
  ]);
  return [
    formatTable(['request', 'status', 'failed or due', 'attempts', 'retries', 'last error'], rows),
    ...linesOfNextPage(nextCursor),
  ].join('\n');
}
