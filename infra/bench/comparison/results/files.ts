import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { barChart } from './bar-chart.ts';
import { resultsMarkdown } from './markdown.ts';
import type { Results, SectionId } from './result.ts';
import { withSummary } from './summary.ts';

const BENCH = new URL('../../', import.meta.url);
const PAGE = new URL('../../../../docs/benchmarks.md', import.meta.url);
const RESULTS_JSON = new URL('results.json', BENCH);

/** What the table of docs/benchmarks.md is made of; undefined before the first measurement. */
export function keptResults(): Results | undefined {
  try {
    return JSON.parse(readFileSync(RESULTS_JSON, 'utf8')) as Results;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export function keepResults(results: Results): void {
  writeFileSync(RESULTS_JSON, `${JSON.stringify(results, undefined, 1)}\n`);
}

/** RESULTS.md, the charts and docs/benchmarks.md, as they follow from the results. */
function filesOf(results: Results): { readonly file: URL; readonly text: string }[] {
  const charted = results.sections.filter(({ measures }) => measures.length > 0);
  const charts = new Set<SectionId>(charted.map(({ id }) => id));
  return [
    ...charted.flatMap(({ id, measures: [measure], columns }) =>
      measure === undefined ? [] : [{ file: new URL(`charts/${id}.svg`, BENCH), text: barChart(measure, columns) }],
    ),
    { file: new URL('RESULTS.md', BENCH), text: resultsMarkdown(results, charts) },
    { file: PAGE, text: withSummary(readFileSync(PAGE, 'utf8'), results, charts) },
  ];
}

export function writeReport(results: Results): void {
  mkdirSync(new URL('charts/', BENCH), { recursive: true });
  for (const { file, text } of filesOf(results)) writeFileSync(file, text);
}

/** The files that are not what the results make of them; without results there must be no report. */
export function differingFiles(results: Results | undefined): string[] {
  const expected = results === undefined ? [{ file: new URL('RESULTS.md', BENCH), text: undefined }] : filesOf(results);
  return expected
    .filter(({ file, text }) => textOf(file) !== text)
    .map(({ file }) => file.pathname.slice(new URL('../../', BENCH).pathname.length));
}

function textOf(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not there: it differs.
    return undefined;
  }
}
