import { spreadOf, verdictOf } from './figures.ts';
import type { Measure, SectionResult } from './result.ts';

/** One row for each measure, one column for each side, and how the goal was reached. */
export function sectionTable({ measures, columns }: SectionResult): string[] {
  const withGoals = measures.some(({ goal }) => goal !== undefined);
  const row = (measure: Measure): string =>
    cells([
      `${measure.name}${measure.better === 'less' ? ' ↓' : ' ↑'}`,
      ...columns.map((column) => spreadOf(measure.values[column] ?? [], measure.unit)),
      ...(withGoals ? [goalCell(measure)] : []),
    ]);
  return [
    cells(['', ...columns, ...(withGoals ? ['goal'] : [])]),
    cells(['---', ...columns.map(() => '---:'), ...(withGoals ? ['---'] : [])]),
    ...measures.map(row),
  ];
}

function goalCell(measure: Measure): string {
  const verdict = verdictOf(measure);
  return verdict === undefined ? '' : `${verdict.met ? '✓' : '✗'} ${verdict.text}`;
}

function cells(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}
