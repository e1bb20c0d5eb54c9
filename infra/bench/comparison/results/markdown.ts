import { whole } from '../../statistics.ts';
import { verdictOf } from './figures.ts';
import { sectionTable } from './markdown-table.ts';
import type { Results, SectionId, SectionResult } from './result.ts';
import { profileLines } from './profile-lines.ts';
import { sectionTexts } from './section-texts.ts';

/** RESULTS.md: all of it is made here. */
export function resultsMarkdown(results: Results, charts: ReadonlySet<SectionId>): string {
  const lines = [
    '<!-- Written by `npm run bench:peers`. Do not edit: `npm run bench:peers -- --check` compares. -->',
    '',
    '# Measured beside what one would take instead',
    '',
    ...origin(results),
    '',
    '`npm run bench:peers` makes this page. In each round every side runs once, in an order that turns round from round to round, each on a new and empty store; figures are medians with the range of the rounds, and',
    'comparisons are made within a round. ↑ more is better, ↓ less is better. After each run the process is killed and its store searched for everything that it had acknowledged: one missing purchase voids the run.',
    '',
    '| side | as it says itself |',
    '| --- | --- |',
    ...Object.entries(results.sides).map(([name, description]) => `| ${name} | ${description} |`),
    '',
    ...voidLines(results),
    ...results.sections.flatMap((section) => ['', ...sectionLines(section, charts.has(section.id))]),
  ];
  return `${lines.join('\n')}\n`;
}

export function origin({ date, machine, fsyncsPerSecond, size }: Results): string[] {
  const small = size === 'quick' ? ' **A smoke test: the figures mean nothing.**' : '';
  return [
    `${date.slice(0, 10)}, ${machine}; the disk makes ${whole(fsyncsPerSecond)} fsyncs a second one after the other. Everything, load and fake Telegram included, shares this machine.${small}`,
  ];
}

export function voidLines({ sections }: Results): string[] {
  const reasons = sections.flatMap(({ voidBecause }) => voidBecause);
  return reasons.length === 0
    ? ['Audit: nothing that was acknowledged is missing, on any side.']
    : reasons.map((reason) => `**VOID: ${reason}**`);
}

function sectionLines(section: SectionResult, hasChart: boolean): string[] {
  const { title, about } = sectionTexts[section.id];
  return [
    `## ${title}`,
    '',
    ...about(section.sizes),
    '',
    ...(section.measures.length > 0 ? sectionTable(section) : []),
    ...(section.text === undefined ? [] : ['```text', section.text, '```']),
    ...(hasChart ? ['', `![${title}](charts/${section.id}.svg)`] : []),
    ...behind(section),
    ...profileLines(section),
  ];
}

function behind({ measures }: SectionResult): string[] {
  const missed = measures.flatMap((measure) => {
    const verdict = verdictOf(measure);
    return verdict === undefined || verdict.met ? [] : [`- ${measure.name}: ${verdict.text}.`];
  });
  return missed.length === 0 ? [] : ['', 'Goals missed:', '', ...missed];
}
