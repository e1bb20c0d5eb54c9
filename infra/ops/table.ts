import { getBorderCharacters, table } from 'table';

/** A column of figures. */
const FIGURE = /^[\d.,]*$/;
/** What could move the cursor or colour the terminal: texts come from outside. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

/** Columns under their heads, two blanks apart, figures to the right; without a line break at the end. */
export function formatTable(
  heads: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  const texts = rows.map((row) => row.map((cell) => String(cell ?? '').replaceAll(CONTROL, ' ')));
  const all = heads.length === 0 ? texts : [[...heads], ...texts];
  if (all.length === 0) return '';
  const columns = (all[0] ?? []).map((_, column) => ({
    alignment:
      texts.some((row) => row[column] !== '') && texts.every((row) => FIGURE.test(row[column] ?? ''))
        ? ('right' as const)
        : ('left' as const),
  }));
  const drawn = table(all, {
    border: getBorderCharacters('void'),
    columnDefault: { paddingLeft: 0, paddingRight: 2 },
    columns,
    drawHorizontalLine: () => false,
  });
  return drawn
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();
}

/** One field to a line; those that are undefined are left out. */
export function formatFields(fields: Readonly<Record<string, string | number | boolean | undefined>>): string {
  return formatTable(
    [],
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, ` ${String(value)}`]])),
  );
}
