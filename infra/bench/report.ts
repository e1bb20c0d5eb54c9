import { cpus, totalmem } from 'node:os';

/** One measured figure beside what it is held against. */
export interface Row {
  readonly measure: string;
  /** Empty when the row is there for orientation only. */
  readonly goal: string;
  readonly figure: string;
  readonly reference: string;
  /** Undefined without a goal. */
  readonly met?: boolean;
  /** The numbers behind the texts, for --json. */
  readonly values: Readonly<Record<string, number | readonly number[]>>;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  /** Why the figures do not count: a purchase that was acknowledged is missing, or a link was made twice. */
  readonly voidBecause: readonly string[];
}

export interface Report {
  readonly machine: string;
  readonly date: string;
  readonly quick: boolean;
  readonly sections: readonly Section[];
}

export function describeMachine(): string {
  const [first] = cpus();
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown processor'}, ${memory}, ${process.platform} ${process.arch}, Node ${process.version}`;
}

export function isVoid(report: Report): boolean {
  return report.sections.some((section) => section.voidBecause.length > 0);
}

export function renderReport(report: Report): string {
  const lines = [
    `Benchmark of ${report.date}`,
    report.machine,
    ...(report.quick ? ['--quick: too short to judge by'] : []),
    ...report.sections.flatMap(renderSection),
    '',
    verdict(report),
  ];
  return `${lines.join('\n')}\n`;
}

function renderSection(section: Section): string[] {
  const header = ['', 'goal', 'figure', 'reference', 'verdict'];
  const cells = section.rows.map((row) => [row.measure, row.goal, row.figure, row.reference, verdictOf(row)]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const render = (line: readonly string[]): string =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    '',
    section.title,
    render(header),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...cells.map(render),
    ...section.notes,
    ...section.voidBecause.map((reason) => `VOID: ${reason}`),
  ];
}

function verdictOf(row: Row): string {
  if (row.met === undefined) return '';
  return row.met ? 'met' : 'missed';
}

function verdict(report: Report): string {
  if (isVoid(report)) return 'The run is VOID: see above. Exit code 1.';
  const rows = report.sections.flatMap((section) => section.rows).filter((row) => row.met !== undefined);
  const met = rows.filter((row) => row.met === true).length;
  return `${met} of ${rows.length} goals met. A missed goal does not fail the run, since the machine may be slow or busy; a lost purchase would.`;
}
