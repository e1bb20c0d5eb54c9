/**
 * What an outside system is quoted with goes into a log line, a document, an attribute of a message: it is cut to so
 * much.
 */
export const MAX_QUOTE_CHARACTERS = 300;

export interface Confidential {
  /** Keys and tokens that the other side knows. */
  readonly secrets?: readonly string[];
  /** The body of the request that was answered: no text of it comes back. */
  readonly sent?: unknown;
}

const HIDDEN = '[redacted]';

/** Only so much is looked at. What is near its end is left out: it may be the beginning of something confidential. */
const LOOKED_AT_CHARACTERS = 32_768;
const UNSURE_CHARACTERS = 4_096;

/**
 * Of a longer value no part of so many characters is shown: the other side may have cut it, or name the hash of a link
 * alone.
 */
const PART_CHARACTERS = 10;
/**
 * A value that is shorter than this is hidden only where it stands as a word of its own, or half of a sentence would
 * be.
 */
const WORD_CHARACTERS = 6;

/** Invite links and keys that nobody told us, and what is personal by its form. All run in linear time. */
const PATTERNS: readonly RegExp[] = [
  /(?:https?:\/\/)?\b(?:t|telegram)\.(?:me|dog)(?::\d+)?\/(?:\s+[\w-]{8,}|[\w+/?=&.~-]*)/giu,
  /\btg:[\w+/?=&.~-]+/giu,
  /\bjoinchat\/[\w-]+/giu,
  /\+[\w-]{14,}/gu,
  /\/bot\d+:[^\s"'<>/]*/giu,
  /\d{5,}:[\w-]{20,}/gu,
  /\b(?:bearer|basic)\s+[\w.~+/=-]{8,}/giu,
  /[^\s"'<>@:,;=()]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/gu,
  /\+\d[\d().\s+-]{5,20}\d|\d{7,}/gu,
];

/**
 * The words of an outside system as they may be stored and shown. They are without invite links in any form, tokens,
 * the given secrets and every text that we sent it. They are also without mail addresses, and numbers of the length of
 * a user's id or a telephone number; encoded or not. At most MAX_QUOTE_CHARACTERS.
 */
export function quoteOutside(words: string, { secrets = [], sent }: Confidential = {}): string {
  const isLong = words.length > LOOKED_AT_CHARACTERS;
  const whole = decoded(words.slice(0, LOOKED_AT_CHARACTERS));
  const values = [...secrets, ...textsIn(sent)].map((value) => decoded(value).trim()).filter((value) => value !== '');
  const patterns = [...PATTERNS, ...values.filter((value) => value.length < PART_CHARACTERS).map(occurrencesOf)];
  // All are looked for in the text as it came: what one has hidden, another would not find.
  const text = without(whole, [...partsIn(whole, values), ...patterns.flatMap((pattern) => matchesOf(whole, pattern))]);
  const sure = isLong ? Math.max(0, text.length - UNSURE_CHARACTERS) : text.length;
  return text.slice(0, Math.min(sure, MAX_QUOTE_CHARACTERS)).toWellFormed();
}

/**
 * A URL that an outside system names, as it may be shown: its host whole, so that it is recognized, without user and
 * password, the rest quoted.
 */
export function quoteUrl(url: string, confidential?: Confidential): string {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.origin === 'null') return quoteOutside(url, confidential);
  return `${parsed.origin.slice(0, MAX_QUOTE_CHARACTERS)}${parsed.pathname === '/' ? '' : quoteOutside(parsed.pathname, confidential)}${parsed.search === '' ? '' : '?…'}`;
}

/** Every text in a JSON value. Names of properties are ours, and say nothing. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

function without(text: string, stretches: readonly Stretch[]): string {
  let shown = '';
  let at = 0;
  for (const { from, to } of stretches.toSorted((left, right) => left.from - right.from)) {
    if (from > at || shown === '') shown += `${text.slice(at, from)}${HIDDEN}`;
    at = Math.max(at, to);
  }
  return shown + text.slice(at);
}

function matchesOf(text: string, pattern: RegExp): readonly Stretch[] {
  return Array.from(text.matchAll(pattern), ({ 0: match, index }) => ({ from: index, to: index + match.length }));
}

/** Every PART_CHARACTERS characters in a row that are in one of the values. */
function partsIn(text: string, values: readonly string[]): readonly Stretch[] {
  const parts = new Set(values.flatMap((value) => partsOf(comparable(value))));
  if (parts.size === 0) return [];
  return partsOf(comparable(text)).flatMap((part, from) =>
    parts.has(part) ? [{ from, to: from + PART_CHARACTERS }] : [],
  );
}

function partsOf(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - PART_CHARACTERS + 1) }, (_, at) =>
    text.slice(at, at + PART_CHARACTERS),
  );
}

/** Of the same length. A form writes a blank as a plus, and a plus that nobody encoded is read as a blank. */
function comparable(text: string): string {
  return text
    .replace(/[\s+]/gu, ' ')
    .replace(/\p{Lu}/gu, (letter) => (letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter));
}

function occurrencesOf(value: string): RegExp {
  const literal = value
    .split(/[\s+]+/u)
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&'))
    .join('[\\s+]+');
  return value.length >= WORD_CHARACTERS
    ? new RegExp(literal, 'giu')
    : new RegExp(`(?<![\\p{L}\\p{N}'])${literal}(?![\\p{L}\\p{N}'])`, 'giu');
}

/** Without percent encoding, JSON's escapes and HTML's character references, also where one is within another. */
function decoded(text: string): string {
  let current = text;
  for (let pass = 0; pass < 3; pass += 1) {
    const before = current;
    current = before
      .replace(/(?:%[0-9a-f]{2})+/giu, fromPercent)
      .replace(/\\u\{?([0-9a-f]{4})\}?|\\x([0-9a-f]{2})/giu, (_, unit: string | undefined, byte: string | undefined) =>
        String.fromCharCode(parseInt(unit ?? byte ?? '', 16)),
      )
      .replace(/\\(["'\\/])/gu, '$1')
      .replace(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/giu, (whole, hex: string | undefined, decimal: string | undefined) =>
        fromCodePoint(whole, hex === undefined ? Number(decimal) : parseInt(hex, 16)),
      )
      .replace(
        /&(amp|lt|gt|quot|apos|plus|sol|colon|commat);/giu,
        (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole,
      );
    if (current === before) break;
  }
  return current.normalize('NFC');
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  plus: '+',
  sol: '/',
  colon: ':',
  commat: '@',
};

function fromPercent(encoded: string): string {
  return Buffer.from(encoded.replaceAll('%', ''), 'hex').toString('utf8');
}

function fromCodePoint(reference: string, codePoint: number): string {
  return codePoint > 0x10ffff ? reference : String.fromCodePoint(codePoint);
}
