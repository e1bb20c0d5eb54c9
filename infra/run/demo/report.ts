import { STAGES, type Ledger, type Problem } from './ledger.ts';

const MISSING_SHOWN = 10;
const COMMUNITIES_SHOWN = 20;

export interface Outcome {
  readonly isComplete: boolean;
  readonly ledger: Ledger;
  /** Lines of the file. */
  readonly unreadable: number;
  /** Left out by the simulated WebEngage during this run; undefined when it could not be asked. */
  readonly repeatsAtWebEngage: number | undefined;
  readonly durationMs: number;
}

/** The table at the end, and what is missing. */
export function describeOutcome({ isComplete, ledger, unreadable, repeatsAtWebEngage, durationMs }: Outcome): string {
  const { counts, totals, durationsMs } = ledger;
  const table = [
    ['', 'there', 'asked for'],
    ...STAGES.map((stage) => [
      stage === 'purchases' ? 'purchases acknowledged' : stage,
      String(counts[stage]),
      String(totals[stage]),
    ]),
    ['repeats ignored by intake', String(ledger.repeats), ''],
    ['repeats ignored by WebEngage', repeatsAtWebEngage === undefined ? 'unknown' : String(repeatsAtWebEngage), ''],
    ['refused rows', String(ledger.refused.length), ''],
    ['unreadable lines', String(unreadable), ''],
  ];
  const times = [
    ['seconds', 'p50', 'p99', 'max'],
    ['purchase to link', ...summary(durationsMs.toLink)],
    ['purchase to link event', ...summary(durationsMs.toLinkEvent)],
    ['join to joined event', ...summary(durationsMs.joinToEvent)],
  ];
  const before =
    ledger.joinedBefore === 0
      ? []
      : ['', `${ledger.joinedBefore} of the links had been used before; their joins are counted and not timed.`];
  const verdict = isComplete ? 'Everything that was asked for is there' : 'Not everything that was asked for is there';
  return [
    '',
    ...aligned(table),
    '',
    ...aligned(times),
    ...describeCommunities(ledger),
    ...before,
    ...describeMissing(ledger),
    '',
    `${verdict}, after ${seconds(durationMs, 1)} s.`,
    '',
  ].join('\n');
}

/** For standard error: `line 12: the reason`. */
export function describeProblems(title: string, problems: readonly Problem[]): string {
  return problems.length === 0
    ? ''
    : `${title}:\n${problems.map(({ origin, reason }) => `  ${origin}: ${reason}\n`).join('')}`;
}

/** What is there of what was asked for, by community; of many, those where something is missing. */
function describeCommunities({ ofCommunities }: Ledger): string[] {
  if (ofCommunities.size === 1) return [];
  const all = [...ofCommunities];
  const shown =
    all.length <= COMMUNITIES_SHOWN
      ? all
      : all
          .filter(([, { counts, totals }]) => STAGES.some((stage) => counts[stage] !== totals[stage]))
          .slice(0, COMMUNITIES_SHOWN);
  const rows = shown.map(([id, { counts, totals }]) => [
    id,
    ...STAGES.map((stage) => `${counts[stage]}/${totals[stage]}`),
  ]);
  const rest = all.length - shown.length;
  return [
    '',
    ...(shown.length === 0 ? [] : aligned([['community', ...STAGES], ...rows])),
    ...(rest === 0 ? [] : [`Communities that are not shown: ${rest}${shown.length === 0 ? ', each complete' : ''}.`]),
  ];
}

function describeMissing({ open, unanswered, wrong }: Ledger): string[] {
  const missing = [
    ...wrong.map(({ origin, reason }) => `${origin}: ${reason}`),
    ...open.map(({ purchase, requestId, status }) => `${purchase.origin}: ${requestId} ${status}`),
    ...Array.from(unanswered, ([{ origin }, reason]) => `${origin}: not acknowledged, ${reason}`),
  ];
  if (missing.length === 0) return [];
  const title =
    missing.length > MISSING_SHOWN ? `Missing, the first ${MISSING_SHOWN} of ${missing.length}:` : `Missing:`;
  return ['', title, ...missing.slice(0, MISSING_SHOWN).map((text) => `  ${text}`)];
}

/** Nearest rank: each figure is one that was measured. */
function summary(durationsMs: readonly number[]): string[] {
  const sorted = durationsMs.toSorted((a, b) => a - b);
  return [0.5, 0.99, 1].map((share) => {
    const value = sorted[Math.ceil(share * sorted.length) - 1];
    return value === undefined ? '-' : seconds(value, 2);
  });
}

function seconds(ms: number, digits: number): string {
  return (ms / 1_000).toFixed(digits);
}

/** First column to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2)))
      .join('')
      .trimEnd(),
  );
}
