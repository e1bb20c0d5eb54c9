import { median, whole } from '../../statistics.ts';
import type { Measure, Unit } from './result.ts';

/** A goal of a measure, and how far it was reached. */
export interface Verdict {
  readonly met: boolean;
  readonly text: string;
}

/** `5,120/s`, `2.3 ms`: three digits that mean something. */
export function figure(value: number, unit: Unit): string {
  const number = value >= 100 ? whole(value) : value.toPrecision(value >= 10 ? 3 : 2);
  return unit === '/s' || unit === '×' ? `${number}${unit === '×' ? ' ×' : '/s'}` : `${number} ${unit}`;
}

/** Median, and the range where there is more than one run. */
export function spreadOf(values: readonly number[], unit: Unit): string {
  if (values.length === 0) return '';
  const middle = figure(median(values), unit);
  if (values.length === 1) return middle;
  const bare = (value: number): string => figure(value, unit).replace(/[^\d.,].*$/, '');
  return `${middle} (${bare(Math.min(...values))}–${bare(Math.max(...values))})`;
}

/** How many times better the first is than the second: the median over the rounds, each measured beside each other. */
export function advantage(measure: Measure, column: string, other: string): number {
  const ours = measure.values[column] ?? [];
  const theirs = measure.values[other] ?? [];
  const ratios = ours.flatMap((value, round) => {
    const beside = theirs[round];
    return beside === undefined ? [] : [measure.better === 'more' ? value / beside : beside / value];
  });
  return median(ratios);
}

export function verdictOf(measure: Measure): Verdict | undefined {
  const { goal } = measure;
  if (goal === undefined) return undefined;
  if (goal.kind === 'share') {
    const share = advantage(measure, goal.column, goal.of);
    return { met: share >= goal.atLeast, text: `${share.toFixed(2)} × of “${goal.of}” (goal ${goal.atLeast})` };
  }
  const [first = '', ...others] = Object.keys(measure.values).toSorted(
    (a, b) => Number(b === 'ours') - Number(a === 'ours'),
  );
  const ratios = others
    .map((other) => ({ other, ratio: advantage(measure, first, other) }))
    .toSorted((a, b) => a.ratio - b.ratio);
  const closest = ratios[0];
  if (closest === undefined) return undefined;
  const met = closest.ratio >= 1;
  return {
    met,
    text: met
      ? `ahead of all; ${closest.ratio.toFixed(1)} × the next, ${closest.other}`
      : `behind ${ratios
          .filter(({ ratio }) => ratio < 1)
          .map(({ other, ratio }) => `${other} (${ratio.toFixed(2)} ×)`)
          .join(', ')}`,
  };
}
