import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';

interface Line {
  readonly service: string;
  readonly check: string;
  readonly state: string;
  readonly meaning: string;
  readonly advice?: string;
  readonly since?: string;
}

interface Answer {
  readonly healthy: boolean;
  readonly checkedAt: string;
  readonly lines: readonly Line[];
  /** With --fix. */
  readonly fixed?: string;
}

export const doctor = defineCommand({
  name: 'doctor',
  summary:
    'Looks at everything that must work: what it is, what it means, what to do. Ends with 1 when something fails.',
  parameters: [],
  options: {
    fix: {
      type: 'boolean',
      description: 'set the webhook first: its URL, its secret, and the updates that are needed',
    },
  },
  run: async ({ values }, { api, output }) => {
    const { healthy, checkedAt, lines, fixed } =
      values.fix === true ? await api.post<Answer>('/health/fix') : await api.get<Answer>('/health');
    output.result({ healthy, checkedAt, fixed, lines }, () => describe(lines, fixed));
    return healthy ? exitCodes.done : exitCodes.failures;
  },
});

function describe(lines: readonly Line[], fixed: string | undefined): string {
  const heads = ['state', 'service', 'check', 'since', 'meaning'];
  const rows = lines.map(({ state, service, check, since, meaning }) => [
    state === 'failing' ? 'FAILING' : state,
    service,
    check,
    state === 'ok' ? '' : since,
    meaning,
  ]);
  const todo = lines.filter(
    (line): line is Line & { readonly advice: string } => line.state !== 'ok' && line.advice !== undefined,
  );
  return [
    ...(fixed === undefined ? [] : [fixed, '']),
    formatTable(heads, rows),
    ...(todo.length === 0 ? [] : ['', 'What to do:', ...todo.map(({ check, advice }) => `  ${check}: ${advice}`)]),
    '',
    summary(lines),
  ].join('\n');
}

function summary(lines: readonly Line[]): string {
  const count = (state: string): number => lines.filter((line) => line.state === state).length;
  if (count('failing') > 0) return `${count('failing')} of ${lines.length} fail.`;
  return `Nothing fails; ${count('warning')} of ${lines.length} need attention, ${count('unknown')} could not be looked at.`;
}
