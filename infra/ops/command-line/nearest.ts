/** The known name that was probably meant; undefined when none is near enough, a third of its letters by default. */
export function nearest(
  given: string,
  known: readonly string[],
  most = Math.max(1, Math.floor(given.length / 3)),
): string | undefined {
  const [best] = known
    .map((name) => ({ name, edits: editsBetween(given, name) }))
    .toSorted((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= most ? best.name : undefined;
}

/** Letters to insert, remove, replace, or swap with their neighbour (optimal string alignment). */
function editsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= a.length; row += 1) {
    rows.push([row]);
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = at(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped =
        a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
          ? at(row - 2, column - 2) + 1
          : Number.POSITIVE_INFINITY;
      rows[row]?.push(Math.min(replaced, swapped, at(row - 1, column) + 1, at(row, column - 1) + 1));
    }
  }
  return at(a.length, b.length);
}
