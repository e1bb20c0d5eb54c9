import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import { filterOf, filterOptions } from './dead-letter-options.ts';
import { pageOf, pageOptions } from './page-options.ts';

interface Answer {
  readonly deadLetters: readonly {
    readonly id: string;
    readonly source: string;
    readonly status: string;
    readonly code: string;
    readonly reason: string;
    readonly failures: number;
    readonly retries: number;
    readonly lastAt: string;
  }[];
  readonly total?: number;
  readonly nextCursor?: string;
}

export const listDeadLetters = defineCommand({
  name: 'dead-letters list',
  summary: 'Dead letters, newest first: what nobody could process, and why.',
  parameters: [],
  options: {
    status: { type: 'string', value: 'S', description: 'open (default), retrying, retried or discarded' },
    ...filterOptions,
    ...pageOptions,
  },
  run: async ({ values }, { api, output, now }) => {
    const query = {
      status: values.status,
      ...filterOf(values, now()),
      ...pageOf(values),
    };
    const { deadLetters, total, nextCursor } = await api.get<Answer>('/dead-letters', query);
    output.result({ deadLetters, total, nextCursor }, () =>
      describe({ deadLetters, ...(total === undefined ? {} : { total }) }, nextCursor),
    );
    return exitCodes.done;
  },
});

function describe(
  { deadLetters, total }: Pick<Answer, 'deadLetters' | 'total'>,
  nextCursor: string | undefined,
): string {
  if (deadLetters.length === 0) return 'No dead letters match.';
  const heads = ['id', 'last', 'source', 'status', 'failures', 'retries', 'code', 'reason'];
  const rows = deadLetters.map(({ id, lastAt, source, status, failures, retries, code, reason }) => [
    id,
    lastAt,
    source,
    status,
    failures,
    retries,
    code,
    reason,
  ]);
  const more =
    nextCursor === undefined
      ? []
      : [
          '',
          `These are ${deadLetters.length}${total === undefined ? '' : ` of ${total}`}; the next ones: --cursor ${nextCursor}`,
        ];
  return [formatTable(heads, rows), ...more].join('\n');
}
