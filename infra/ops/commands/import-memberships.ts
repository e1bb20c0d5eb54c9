import { readFileSync, writeFileSync } from 'node:fs';
import { errorCode } from '@paid-community/shared/platform/ports/errors.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { defineCommand, type CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { readMemberList, type MemberRow } from '../import/read-member-list.ts';
import { formatTable } from '../table.ts';
import type { Community } from './community-answer.ts';

type OutcomeKind = 'created' | 'changed' | 'unchanged' | 'refused' | 'failed';

interface RowOutcome {
  readonly line: number;
  readonly outcome: OutcomeKind;
  readonly membershipId?: string;
  readonly endsAt?: string;
  readonly reason?: string | undefined;
}

/** So many fit into the body of a call, however long their texts are. */
const ROWS_PER_CALL = 30;
const SHOWN = 20;

export const importMemberships = defineCommand({
  name: 'memberships import',
  summary:
    'People who are inside get a membership by a CSV list. All of it is checked before anything is written; the same list again changes nothing.',
  parameters: [
    {
      name: 'file',
      description: 'CSV with a line of names: userId or telegramUserId (or both), planId or endsAt, perhaps startsAt',
    },
  ],
  options: {
    community: { type: 'string', value: 'C', description: 'of which they are members' },
    'dry-run': { type: 'boolean', description: 'only check it, and say what would become of each line' },
    'allow-ended': {
      type: 'boolean',
      description: 'also lines whose end is past: where removal is on, these people are removed at once',
    },
    'skip-refused': { type: 'boolean', description: 'import the other lines when some are refused' },
    report: { type: 'string', value: 'F', description: 'write what became of each line into this file, as CSV' },
  },
  ifUnfinished: 'Run it again with the same list: it goes on where it ended',
  run: async ({ values, parameters: [file = ''] }, context) => {
    const { api, output } = context;
    const { community: communityId, report } = values;
    if (communityId === undefined) throw new UsageError('Members of which community: --community?');
    // Not after the work: a file that cannot be written is found before anything is.
    if (report !== undefined) writeReport(report, []);
    const { community } = await api.get<{ readonly community: Community }>(
      `/communities/${encodeURIComponent(communityId)}`,
    );
    const { rows, refused, ignored } = readMemberList(textOf(file), community.timeZone);
    if (ignored.length > 0) output.note(`Not read: the columns ${ignored.join(', ')}.`);
    const bad = new Set(refused.map(({ line }) => line));
    const readable = rows.filter(({ line }) => !bad.has(line));
    const settings = { communityId, allowEnded: values['allow-ended'] };
    const checked = [
      ...refused.map(({ line, reason }): RowOutcome => ({ line, outcome: 'refused', reason })),
      ...(await work('checked', readable, { ...settings, dryRun: true }, context)),
    ];
    const isGood = checked.every(({ outcome }) => outcome !== 'refused' && outcome !== 'failed');
    const isOnlyChecked = values['dry-run'] === true || (!isGood && values['skip-refused'] !== true);
    const outcomes = isOnlyChecked ? checked : await importGood(readable, checked, settings, context);
    const inOrder = outcomes.toSorted((one, other) => one.line - other.line);
    if (report !== undefined) writeReport(report, inOrder);
    const counts = countsOf(inOrder);
    output.result({ communityId, written: !isOnlyChecked, ...counts, lines: inOrder }, () =>
      describe(inOrder, isOnlyChecked, community),
    );
    return counts.failed > 0 || (counts.refused > 0 && values['skip-refused'] !== true)
      ? exitCodes.failures
      : exitCodes.done;
  },
});

async function importGood(
  rows: readonly MemberRow[],
  checked: readonly RowOutcome[],
  settings: object,
  context: CommandContext,
): Promise<readonly RowOutcome[]> {
  const refused = checked.filter(({ outcome }) => outcome === 'refused');
  const lines = new Set(refused.map(({ line }) => line));
  const good = rows.filter(({ line }) => !lines.has(line));
  return [...refused, ...(await work('imported', good, settings, context))];
}

async function work(
  verb: string,
  rows: readonly MemberRow[],
  settings: object,
  { api, output }: CommandContext,
): Promise<readonly RowOutcome[]> {
  const outcomes: RowOutcome[] = [];
  const progress = output.progress(verb, rows.length);
  try {
    for (let from = 0; from < rows.length; from += ROWS_PER_CALL) {
      const part = rows.slice(from, from + ROWS_PER_CALL);
      const answer = await api.post<{ readonly rows: readonly RowOutcome[] }>('/memberships/import', {
        ...settings,
        rows: part,
      });
      outcomes.push(...answer.rows.map((row) => ({ ...row, reason: inOptions(row.reason) })));
      progress.update(outcomes.length);
    }
  } finally {
    progress.stop();
  }
  return outcomes;
}

/** The API names its setting, which is an option here. */
function inOptions(reason: string | undefined): string | undefined {
  return reason?.replace('allowEnded', '--allow-ended');
}

function textOf(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const why = error instanceof TypeError && !('syscall' in error) ? 'it is not UTF-8' : errorCode(error);
    throw new UsageError(`${file} cannot be read (${why})`, { cause: error });
  }
}

function countsOf(outcomes: readonly RowOutcome[]): Readonly<Record<OutcomeKind, number>> {
  const count = (kind: OutcomeKind): number => outcomes.filter(({ outcome }) => outcome === kind).length;
  return {
    created: count('created'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    refused: count('refused'),
    failed: count('failed'),
  };
}

function writeReport(file: string, outcomes: readonly RowOutcome[]): void {
  const quoted = (cell: string | number): string => `"${String(cell).replaceAll('"', '""')}"`;
  const lines = [
    ['line', 'outcome', 'membershipId', 'endsAt', 'reason'],
    ...outcomes.map(({ line, outcome, membershipId = '', endsAt = '', reason = '' }) => [
      line,
      outcome,
      membershipId,
      endsAt,
      reason,
    ]),
  ];
  try {
    writeFileSync(file, lines.map((cells) => `${cells.map(quoted).join(',')}\n`).join(''));
  } catch (error) {
    throw new UsageError(`--report ${file} cannot be written (${errorCode(error)})`, { cause: error });
  }
}

function describe(outcomes: readonly RowOutcome[], isOnlyChecked: boolean, community: Community): string {
  const { created, changed, unchanged, refused, failed } = countsOf(outcomes);
  const bad = outcomes.filter(({ outcome }) => outcome === 'refused' || outcome === 'failed');
  const would = isOnlyChecked ? 'would be ' : '';
  return [
    `${created} ${would}created, ${changed} ${would}changed, ${unchanged} unchanged, ${refused} refused, ${failed} failed.`,
    ...(bad.length === 0
      ? []
      : [
          '',
          formatTable(
            ['line', '', 'why'],
            bad.slice(0, SHOWN).map(({ line, outcome, reason }) => [line, outcome, reason]),
          ),
          ...(bad.length > SHOWN ? [`and ${bad.length - SHOWN} more: --report F writes all into a file`] : []),
        ]),
    ...(isOnlyChecked ? ['', 'Nothing was written.'] : []),
    ...(isOnlyChecked && refused > 0 ? ['Mend these lines, or import the others with --skip-refused.'] : []),
    ...(isOnlyChecked
      ? []
      : [
          '',
          `npm run ops -- memberships list --community ${community.communityId} --ends-within 7d tells who ends soon.`,
          `Removal of ${community.communityId} is ${community.removal}.`,
        ]),
  ].join('\n');
}
