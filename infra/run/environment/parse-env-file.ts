import { isUtf8 } from 'node:buffer';
import { parseEnv } from 'node:util';
import { ConfigError } from '@paid-community/shared/platform/config/settings.ts';

export interface ParsedEnvFile {
  readonly values: Readonly<Record<string, string>>;
  /** What Node's parser leaves out, or reads otherwise than it looks; a sentence each, without a value. */
  readonly notes: readonly string[];
}

/** Reads the bytes of an .env file with Node's own parser. @throws ConfigError when they are not text in UTF-8. */
export function parseEnvFile(bytes: Uint8Array, file: string): ParsedEnvFile {
  if (isUtf16(bytes)) throw new ConfigError([`${file} is UTF-16, of which nothing would be read: save it as UTF-8`]);
  if (!isUtf8(bytes)) throw new ConfigError([`${file} is not UTF-8 (line ${lineOf(bytes)}): save it as UTF-8`]);
  // Takes a byte order mark away, which Node would take for the beginning of the first name.
  const text = new TextDecoder().decode(bytes).replaceAll('\r\n', '\n');
  const noText = text.search(/[\0\r]/);
  if (noText !== -1)
    throw new ConfigError([
      `${file} has a character that is no text (line ${lineAt(text, noText)}): write it anew, with each variable on a line of its own`,
    ]);
  const values = Object.fromEntries(
    Object.entries(parseEnv(text)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
  return { values, notes: notesOn(text).map((note) => `${file}, ${note}`) };
}

function isUtf16([first, second, ...rest]: Uint8Array): boolean {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  // Without its mark: every second byte of a Latin letter is 0.
  return (first === 0 || second === 0) && rest.length > 0;
}

/** The line of the first byte that is not UTF-8. */
function lineOf(bytes: Uint8Array): number {
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  return lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1'))) + 1;
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function notesOn(text: string): readonly string[] {
  const notes: string[] = [];
  const lineOfName = new Map<string, number>();
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    let end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end);
    const at = lineAt(text, start);
    const note = (words: string): void => void notes.push(`line ${at}: ${words}`);
    const equals = line.indexOf('=');
    if (line.trim() !== '' && !line.trimStart().startsWith('#')) {
      const name = line
        .slice(0, Math.max(equals, 0))
        .replace(/^\s*export\s/, '')
        .trim();
      if (equals === -1) note('it has no =, so that it sets nothing');
      else if (!NAME.test(name)) note('what is in front of the = is no name of a variable');
      else {
        const before = lineOfName.get(name);
        if (before !== undefined) note(`${name} was set in line ${before} as well, which counts no more`);
        lineOfName.set(name, at);
        end = readValue(text, start + equals + 1, end, note);
      }
    }
    start = end + 1;
  }
  return notes;
}

/** Returns where the last line of the value ends. */
function readValue(text: string, start: number, end: number, note: (words: string) => void): number {
  const value = text.slice(start, end).trim();
  const quote = /^["'`]/.exec(value)?.[0];
  if (quote === undefined) {
    if (/\S#/.test(value))
      note('what follows the # is taken for a comment; put the value into quotes if it belongs to it');
    return end;
  }
  const opened = text.indexOf(quote, start);
  const closed = text.indexOf(quote, opened + 1);
  if (closed === -1) {
    note('the quote is not closed');
    return end;
  }
  const newline = text.indexOf('\n', closed);
  const last = newline === -1 ? text.length : newline;
  if (!/^\s*(#|$)/.test(text.slice(closed + 1, last))) note('what follows the closing quote is left out');
  return last;
}
