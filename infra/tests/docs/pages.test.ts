import { describe, expect, test } from '@jest/globals';
import { FOLDERS_TO_MAP, mappedFolders } from './folder-map.ts';
import { brokenLinks, deadPaths, linesOf, PAGES } from './pages.ts';
import { hardSentences } from './prose.ts';

/** Programs write them: their words are in the code. */
const WRITTEN_BY_PROGRAMS = ['docs/errors.md', 'infra/bench/RESULTS.md'];
const DECISIONS = PAGES.filter((page) => /^docs\/decisions\/\d/.test(page)).sort();

test('README.md has at most 120 lines', () => {
  expect(linesOf('README.md').length).toBeLessThanOrEqual(120);
});

test('the glossary has at most fifteen terms, each once', () => {
  const terms = linesOf('docs/glossary.md').flatMap((line) => /^\| \*\*(.+?)\*\*/.exec(line)?.[1] ?? []);
  expect(terms.length).toBeGreaterThan(0);
  expect(terms.length).toBeLessThanOrEqual(15);
  expect([...new Set(terms)]).toEqual(terms);
});

describe.each(PAGES)('%s', (page) => {
  test('has links that lead to a file and a heading', () => {
    expect(brokenLinks(page)).toEqual([]);
  });

  test('names files that are there', () => {
    expect(deadPaths(page)).toEqual([]);
  });
});

test.each(PAGES.filter((page) => !WRITTEN_BY_PROGRAMS.includes(page)))(
  '%s has sentences of at most 25 words, in plain order',
  (page) => {
    expect(hardSentences(page)).toEqual([]);
  },
);

describe('decisions', () => {
  test.each(DECISIONS)('%s has context, decision and consequences, in at most 20 lines', (page) => {
    const lines = linesOf(page);
    const parts = lines.flatMap((line) => /^\*\*(\w+)\.\*\* \S/.exec(line)?.[1] ?? []);
    expect(parts).toEqual(['Context', 'Decision', 'Consequences']);
    expect(lines.length).toBeLessThanOrEqual(20);
  });

  test('are numbered without a gap, and the index has the title of each', () => {
    const titles = DECISIONS.map((page) => `- [${linesOf(page)[0]?.slice(2)}](${page.replace('docs/decisions/', '')})`);
    expect(titles.map((title) => Number(/\d+/.exec(title)?.[0]))).toEqual(titles.map((_, index) => index + 1));
    expect(linesOf('docs/decisions/README.md').filter((line) => line.startsWith('- '))).toEqual(titles);
  });
});

test('the map of ARCHITECTURE.md has every folder, and no other', () => {
  expect(mappedFolders()).toEqual(FOLDERS_TO_MAP);
});
