import { proseOf } from './pages.ts';

const MOST_WORDS = 25;
const RIDDLES = /\b(whoever|whatever|whichever|by then)\b|^nor\b/i;

/** Sentences of a page that a reader must read twice: too long, or with a word that hides who does what. */
export function hardSentences(page: string): readonly string[] {
  return paragraphsOf(page)
    .flatMap((paragraph) => paragraph.split(/(?<=[.!?:;])\s+/))
    .filter((sentence) => wordsIn(sentence) > MOST_WORDS || RIDDLES.test(sentence));
}

/** A name in backticks or a link is one word. */
function wordsIn(sentence: string): number {
  const plain = sentence.replaceAll(/\]\([^)]*\)/g, ']').replaceAll(/`[^`]*`/g, 'name');
  return plain.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** Paragraphs, list items, cells and headings, each in one line; no tables that programs write. */
function paragraphsOf(page: string): readonly string[] {
  return proseOf(page)
    .replaceAll('|', '\n\n')
    .replaceAll(/^#+ .*$/gm, '\n$&\n')
    .split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/)
    .map((paragraph) => paragraph.trim().replaceAll(/\s+/g, ' '));
}
