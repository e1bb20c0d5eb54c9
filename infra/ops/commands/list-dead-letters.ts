import { wholeNumberArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';
import { filterOptions, queryOf } from './dead-letter-options.ts';

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
  readonly nextCursor?: string;
}

export const listDeadLetters = defineCommand({
  name: 'dead-letters list',
  summary: 'Dead letters, newest first: what nobody could process, and why.',
  parameters: [],
  options: {
    ...filterOptions,
    limit: { type: 'string', value: 'N', description: 'so many, up to 200 (default: 50)' },
    cursor: { type: 'string', value: 'C', description: 'go on where a page ended' },
  },
  run: async ({ values }, { api, output }) => {
    const { deadLetters, nextCursor } = await api.get<Answer>('/dead-letters', { ...queryOf(values), limit: wholeNumberArgument('limit', values.limit, 200), cursor: values.cursor });
    output.result({ deadLetters, nextCursor }, () => describe(deadLetters, nextCursor));
    return exitCodes.done;
  },
});

function describe(letters: Answer['deadLetters'], nextCursor: string | undefined): string {
  if (letters.length === 0) return 'No dead letters match.';
  const heads = ['id', 'last', 'source', 'status', 'failures', 'retries', 'code', 'reason'];
  const rows = letters.map(({ id, lastAt, source, status, failures, retries, code, reason }) => [id, lastAt, source, status, failures, retries, code, reason]);
  return [formatTable(heads, rows), ...(nextCursor === undefined ? [] : ['', `There are more: --cursor ${nextCursor}`])].join('\n');
}
