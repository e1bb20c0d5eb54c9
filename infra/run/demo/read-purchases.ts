import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import { isObject } from './is-object.ts';

export interface PurchaseRow {
  /** 1-based; the first one of a record that goes over several. */
  readonly line: number;
  readonly userId: string;
  /** May be empty. */
  readonly transactionId: string;
}

export interface UnreadableLine {
  readonly line: number;
  readonly reason: string;
}

export interface PurchaseFile {
  readonly rows: readonly PurchaseRow[];
  readonly unreadable: readonly UnreadableLine[];
  /** Differs when the content does; part of idempotency keys. */
  readonly fingerprint: string;
}

/** What intake accepts, in UTF-16 units, as WebEngage counts: an emoji is two or more. */
const MAX_USER_ID = 100;
const MAX_TRANSACTION_ID = 999;
/** A quote that is open for longer than this was never meant to be: one stray quote must not swallow the file. */
const MAX_LINES_PER_RECORD = 20;

/** Of a file that cannot be read, by Node's code. */
const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
]);

/** @throws UsageError when the file cannot be read, is no UTF-8 text or has no header. */
export async function readPurchaseFile(path: string): Promise<PurchaseFile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = isObject(error) ? error['code'] : undefined;
    const reason = REASONS.get(code) ?? String(code);
    throw new UsageError(
      `Cannot read ${path}: ${reason}. --file names a CSV file with the columns userId and transactionId`,
      { cause: error },
    );
  }
  return {
    ...readPurchases(decode(bytes, path)),
    fingerprint: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
  };
}

function decode(bytes: Buffer, path: string): string {
  try {
    // Drops a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${path} is not UTF-8 text; save it as "CSV UTF-8"`, { cause: error });
  }
}

/**
 * Every record by itself, so that a broken one harms no other and its line is known exactly.
 * @throws UsageError when the first line is not a header that names both columns.
 */
export function readPurchases(text: string): Pick<PurchaseFile, 'rows' | 'unreadable'> {
  const lines = text.split(/\r\n|\n|\r/);
  const rows: PurchaseRow[] = [];
  const unreadable: UnreadableLine[] = [];
  let columns: Columns | undefined;
  for (let index = 0; index < lines.length;) {
    const line = index + 1;
    if (lines[index]?.trim() === '') {
      index += 1;
      continue;
    }
    if (columns === undefined) {
      columns = columnsOf(splitRecord(lines[index] ?? ''), line);
      index += 1;
      continue;
    }
    const read = readRecord(lines, index, columns);
    if (typeof read === 'string') unreadable.push({ line, reason: read });
    else rows.push({ line, userId: read.userId, transactionId: read.transactionId });
    index += typeof read === 'string' ? 1 : read.lineCount;
  }
  if (columns === undefined)
    throw new UsageError('The file is empty; its first line must be the header: userId,transactionId');
  return { rows, unreadable };
}

interface Columns {
  readonly userId: number;
  readonly transactionId: number;
  readonly count: number;
}

function columnsOf(fields: readonly string[] | CsvError, line: number): Columns {
  const names = fields instanceof CsvError ? [] : fields;
  const once = (name: string): number =>
    names.filter((field) => field === name).length === 1 ? names.indexOf(name) : -1;
  const columns = { userId: once('userId'), transactionId: once('transactionId'), count: names.length };
  if (columns.userId < 0 || columns.transactionId < 0) {
    throw new UsageError(
      `Line ${line} must be a header that names the columns userId and transactionId once each, separated by commas, such as: userId,transactionId`,
    );
  }
  return columns;
}

/** Returns the record that begins at `index`, or what is wrong with that line. */
function readRecord(
  lines: readonly string[],
  index: number,
  columns: Columns,
): { userId: string; transactionId: string; lineCount: number } | string {
  if (lines[index]?.includes(RECORD_END) === true) return 'it holds a NUL character';
  for (let lineCount = 1; lineCount <= MAX_LINES_PER_RECORD && index + lineCount <= lines.length; lineCount += 1) {
    const fields = splitRecord(lines.slice(index, index + lineCount).join('\n'));
    if (fields instanceof CsvError) {
      if (fields.code === 'CSV_QUOTE_NOT_CLOSED') continue;
      return lineCount === 1
        ? 'a quote is in the wrong place; quote the whole field and double the quotes inside'
        : NOT_CLOSED;
    }
    const userId = fields[columns.userId] ?? '';
    const transactionId = fields[columns.transactionId] ?? '';
    // An id does not go over two lines: the quote was left open, and the next one that comes along closed it.
    if (lineCount > 1 && (fields.length !== columns.count || /\n/.test(userId + transactionId))) return NOT_CLOSED;
    if (fields.length !== columns.count) return `${fields.length} columns where the header has ${columns.count}`;
    return problemOf(userId, transactionId) ?? { userId, transactionId, lineCount };
  }
  return NOT_CLOSED;
}

const NOT_CLOSED = 'a quote is opened and not closed';

function problemOf(userId: string, transactionId: string): string | undefined {
  if (userId.trim() === '') return 'userId is empty';
  if (userId.length > MAX_USER_ID) return `userId has ${userId.length} characters, at most ${MAX_USER_ID} are allowed`;
  if (transactionId.length > MAX_TRANSACTION_ID)
    return `transactionId has ${transactionId.length} characters, at most ${MAX_TRANSACTION_ID} are allowed`;
  return undefined;
}

/** Nothing that occurs: where a record ends is found out line by line. */
const RECORD_END = '\0';

function splitRecord(text: string): readonly string[] | CsvError {
  try {
    const [record = []] = parse(text, { relax_column_count: true, trim: true, record_delimiter: RECORD_END });
    return record;
  } catch (error) {
    if (error instanceof CsvError) return error;
    throw error;
  }
}
