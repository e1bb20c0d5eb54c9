/** Columns as wide as their widest cell; the first to the left, the others, which are numbers, to the right. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_cell, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
  const [head = '', ...body] = lines;
  console.log(
    ['', title, '', `  ${head}`, `  ${'-'.repeat(head.length)}`, ...body.map((line) => `  ${line}`)].join('\n'),
  );
}

export function inMs(ms: number): string {
  return Number.isNaN(ms) ? '-' : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

/** Says whether the goal is met; collects what is not. */
export class Verdicts {
  readonly #missed: string[] = [];

  verdict(what: string, value: number, goal: number): string {
    if (Number.isNaN(value)) return 'not measured';
    if (value <= goal) return 'met';
    this.#missed.push(what);
    return 'MISSED';
  }

  get missed(): readonly string[] {
    return this.#missed;
  }
}
