import { CsvError, parse } from 'csv-parse/sync';
import { endOf, startOf } from '../time-of-community.ts';
import { suggest } from '../command-line/read-arguments.ts';
import { UsageError } from '../command-line/usage-error.ts';

/** A row as the API takes it. */
export interface MemberRow {
  readonly line: number;
  readonly userId?: string | undefined;
  readonly telegramUserId?: string | undefined;
  readonly planId?: string | undefined;
  readonly startsAt?: string | undefined;
  readonly endsAt?: string | undefined;
}

export interface MemberList {
  readonly rows: readonly MemberRow[];
  /** Rows that no API needs to see. */
  readonly refused: readonly { readonly line: number; readonly reason: string }[];
  /** Columns that mean nothing here. */
  readonly ignored: readonly string[];
}

type Field = Exclude<keyof MemberRow, 'line'>;

/** The names of columns as lists have them, in small letters and without what stands between. */
const COLUMNS: Readonly<Record<Field, readonly string[]>> = {
  userId: ['userid', 'user', 'customerid'],
  telegramUserId: ['telegramuserid', 'telegramid', 'telegramuser', 'tgid'],
  planId: ['planid', 'plan'],
  startsAt: ['startsat', 'starts', 'start', 'startdate', 'from'],
  endsAt: ['endsat', 'ends', 'end', 'enddate', 'until', 'paiduntil', 'expires', 'expiresat', 'expirydate'],
};
const FIELDS = Object.keys(COLUMNS) as readonly Field[];

interface Read {
  readonly cells: readonly string[];
  readonly line: number;
}

/**
 * Reads a list as a spreadsheet saves it: with a line of names, between commas, semicolons or tabs. A day without a
 * time is a day of the community: it starts at its start, and ends at its end.
 * @throws UsageError for what is no such list
 */
export function readMemberList(text: string, timeZone: string): MemberList {
  const [head, ...lines] = readRecords(text);
  if (head === undefined) throw new UsageError('The list is empty');
  const { fields, ignored } = fieldsOf(head.cells);
  const rows: MemberRow[] = [];
  const refused: { line: number; reason: string }[] = [];
  for (const { cells, line } of lines) {
    try {
      rows.push(rowOf(cells, line, fields, timeZone));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      refused.push({ line, reason: error.message });
    }
  }
  return { rows, refused: [...refused, ...secondOnes(rows)], ignored };
}

function readRecords(text: string): readonly Read[] {
  const records: Read[] = [];
  try {
    parse(text, {
      delimiter: delimiterOf(text),
      skip_empty_lines: true,
      trim: true,
      on_record: (cells: readonly string[], { lines }) => void records.push({ cells, line: lines }),
    });
  } catch (error) {
    if (error instanceof CsvError) throw new UsageError(`The list cannot be read: ${error.message}`, { cause: error });
    throw error;
  }
  return records;
}

function delimiterOf(text: string): string {
  const [head = ''] = text.split(/\r?\n/, 1);
  return [';', '\t'].find((each) => head.includes(each) && !head.includes(',')) ?? ',';
}

function fieldsOf(names: readonly string[]): { fields: readonly (Field | undefined)[]; ignored: readonly string[] } {
  const fields = names.map((name) => fieldOf(name));
  for (const field of FIELDS) {
    const same = names.filter((_, column) => fields[column] === field);
    if (same.length > 1) throw new UsageError(`Two columns are ${field}: ${same.join(', ')}. Which one?`);
  }
  const known = (field: Field): boolean => fields.includes(field);
  const isWhole = (known('userId') || known('telegramUserId')) && (known('planId') || known('endsAt'));
  if (!isWhole) {
    const strange = names.find((name, column) => fields[column] === undefined && suggest(name, FIELDS) !== '');
    throw new UsageError(
      `The list needs a first line of names with userId or telegramUserId, and planId or endsAt; it has ${names.join(', ')}${
        strange === undefined ? '' : suggest(strange, FIELDS)
      }`,
    );
  }
  return { fields, ignored: names.filter((_, column) => fields[column] === undefined) };
}

function fieldOf(name: string): Field | undefined {
  const bare = name.toLowerCase().replaceAll(/[^a-z]/g, '');
  return FIELDS.find((field) => COLUMNS[field].includes(bare));
}

function rowOf(
  cells: readonly string[],
  line: number,
  fields: readonly (Field | undefined)[],
  timeZone: string,
): MemberRow {
  const textOf = (field: Field): string | undefined => {
    const text = cells[fields.indexOf(field)];
    return text === '' ? undefined : text;
  };
  return {
    line,
    userId: textOf('userId'),
    telegramUserId: textOf('telegramUserId'),
    planId: textOf('planId'),
    startsAt: startOf('startsAt', textOf('startsAt'), timeZone),
    endsAt: endOf('endsAt', textOf('endsAt'), timeZone),
  };
}

/** A person of whom the list says two things: which one? */
function secondOnes(rows: readonly MemberRow[]): MemberList['refused'] {
  const lines = new Map<string, number>();
  return rows.flatMap(({ line, userId, telegramUserId }) => {
    const known = [
      ...(userId === undefined ? [] : [`user ${userId}`]),
      ...(telegramUserId === undefined ? [] : [`account ${telegramUserId}`]),
    ];
    const first = known.map((id) => lines.get(id)).find((other) => other !== undefined);
    for (const id of known) lines.set(id, lines.get(id) ?? line);
    return first === undefined ? [] : [{ line, reason: `the person is in line ${first} already` }];
  });
}
