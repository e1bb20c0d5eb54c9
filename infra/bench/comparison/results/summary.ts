import { spreadOf, verdictOf } from './figures.ts';
import { origin, voidLines } from './markdown.ts';
import type { Results, SectionId } from './result.ts';
import { sectionTexts } from './section-texts.ts';

const START = '<!-- bench:peers, written by npm run bench:peers -->';
const END = '<!-- bench:peers end -->';

/** docs/benchmarks.md with its table made anew. @throws when the markers are not there. */
export function withSummary(page: string, results: Results, charts: ReadonlySet<SectionId>): string {
  const [before, rest] = page.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/benchmarks.md has nothing between ${START} and ${END}`);
  return `${before}${START}\n${summary(results, charts).join('\n')}\n${END}${after}`;
}

function summary(results: Results, charts: ReadonlySet<SectionId>): string[] {
  const rows = results.sections.flatMap(({ id, measures, columns }) =>
    measures.flatMap((measure) => {
      const verdict = verdictOf(measure);
      if (verdict === undefined) return [];
      const ours =
        measure.goal?.kind === 'share'
          ? measure.goal.column
          : (columns.find((column) => column.startsWith('ours')) ?? '');
      return [
        `| ${sectionTexts[id].title.replace(/^\d\. /, '')}: ${measure.name} | ${spreadOf(measure.values[ours] ?? [], measure.unit)} | ${verdict.met ? '' : '**'}${verdict.text}${verdict.met ? '' : '**'} |`,
      ];
    }),
  );
  return [
    ...origin(results),
    '',
    '| | ours | beside it |',
    '| --- | ---: | --- |',
    ...rows,
    '',
    ...voidLines(results),
    ...(charts.has('jobs') ? ['', '![Purchase to link recorded](../infra/bench/charts/jobs.svg)'] : []),
  ];
}
